// The functions of OHIF's configuration: back to sign-in when the session has ended, and our name in the header.
(() => {
  const site = window.fovea;
  let isLeaving = false;

  // Errors come from dicomweb-client, from image loading and from fetch, each with the status elsewhere.
  const statusOf = error => [error, error?.error, error?.request, error?.response].find(it => it?.status)?.status;

  window.config.httpErrorHandler = error => {
    if (statusOf(error) !== 401 || isLeaving) {
      return;
    }
    isLeaving = true;
    const here = window.location.pathname + window.location.search;
    window.location.assign(`${site.signIn}?next=${encodeURIComponent(here)}`);
  };

  const signOut = () => {
    const cookie = document.cookie.split('; ').find(it => it.startsWith(`${site.csrfCookie}=`));
    const form = Object.assign(document.createElement('form'), { method: 'post', action: site.signOut });
    const token = Object.assign(document.createElement('input'), { type: 'hidden', name: 'csrfmiddlewaretoken' });
    token.value = cookie ? cookie.slice(site.csrfCookie.length + 1) : '';
    form.append(token);
    document.body.append(form);
    form.submit();
  };

  const logo = React =>
    React.createElement(
      'span',
      { className: 'inline-flex items-center gap-2 text-foreground text-lg font-semibold' },
      React.createElement('img', { src: site.logo, alt: '', width: 26, height: 26 }),
      'Fovea'
    );

  // Within a study, OHIF makes the logo the way back to the list, and tells the function that it is in a header.
  // On the list it leads to the administration, and the way out is beside it.
  const account = React =>
    React.createElement(
      'span',
      { className: 'inline-flex items-center gap-4 text-sm text-muted-foreground' },
      site.admin ? React.createElement('a', { href: site.admin, title: 'Administration' }, logo(React)) : logo(React),
      React.createElement('a', { href: site.account, title: 'My account', className: 'hover:underline' }, site.user),
      React.createElement('button', { type: 'button', className: 'text-primary hover:underline', onClick: signOut }, 'Sign out')
    );

  window.config.whiteLabeling = {
    createLogoComponentFn: (React, header) => (header ? logo(React) : account(React)),
  };
})();
