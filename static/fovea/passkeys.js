// What django-allauth's script writes to the console when a passkey can't be had, said on the page.
document.addEventListener('allauth.error', event => {
  const problem = document.getElementById('passkey_problem');
  if (problem) {
    event.preventDefault();
    problem.hidden = false;
  }
});
