// A module, so that it waits for the page's load after Django's own scripts do.
// The choosers of groups and permissions in Django 5.2 to 6.1 name their icons, but only a picture may have such a name.
addEventListener("load", () => {
  for (const icon of document.querySelectorAll("span.search-label-icon[aria-label]")) icon.role = "img";
});
