// Where a screen starts: the token after # in the address is posted, so that it stands in no request line, and then
// taken out of the browser's history.

const form = document.getElementById("kiosk-form");
const token = location.hash.slice(1);

if (location.hash) history.replaceState(null, "", location.pathname + location.search);
if (token) {
    form.elements.token.value = token;
    enter();
    form.requestSubmit();
} else if ("known" in form.dataset) {
    enter();
    location.replace(form.dataset.firstUrl);
}

function enter() {
    form.hidden = true;
    document.getElementById("kiosk-entering").hidden = false;
}
