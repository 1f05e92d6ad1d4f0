// The page of one client: the server gives its address with a placeholder, so that it may mount the pages anywhere. Pure.

export function clientURL({ client_url: pattern, placeholder }) {
    return (clientId) => pattern.replace(placeholder, () => encodeURIComponent(clientId));
}
