// The functions of OHIF's configuration: back to sign-in when the session has ended, our name in the header, and
// the language of the rest of the site.
(() => {
  const site = window.fovea;
  let isLeaving = false;

  // OHIF looks for its language in this cookie first, and keeps there what is chosen in its own preferences: that
  // holds until another language is chosen outside of it.
  document.documentElement.lang = site.language;
  if (localStorage.getItem('fovea.language') !== site.language) {
    localStorage.setItem('fovea.language', site.language);
    localStorage.setItem('i18nextLng', site.viewerLanguage);
    document.cookie = `i18next=${site.viewerLanguage}; path=/; max-age=31536000; samesite=lax`;
  }

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
      site.admin ? React.createElement('a', { href: site.admin, title: site.words.administration }, logo(React)) : logo(React),
      React.createElement('a', { href: site.account, title: site.words.account, className: 'hover:underline' }, site.user),
      React.createElement('button', { type: 'button', className: 'text-primary hover:underline', onClick: signOut }, site.words.signOut)
    );

  window.config.whiteLabeling = {
    createLogoComponentFn: (React, header) => (header ? logo(React) : account(React)),
  };
})();
