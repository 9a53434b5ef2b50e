// Calls of the API of this origin. The token is kept in the tab's session only.

const TOKEN = 'weir.token';
const PATIENCE_MS = 15_000;

/** An answer that is no success: the problem's own words, and its status; 0 where there was no answer. */
export class Refusal extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }

  get wantsToken() {
    return this.status === 401;
  }
}

export const token = {
  get: () => sessionStorage.getItem(TOKEN),
  keep: value => sessionStorage.setItem(TOKEN, value),
  forget: () => sessionStorage.removeItem(TOKEN),
};

/** What an answer says that went wrong. */
async function words(response) {
  try {
    const problem = await response.json();
    if (problem.detail) {
      return String(problem.detail);
    }
  } catch {
    // Not everything between this page and the instance speaks in problems.
  }
  return `the answer was ${response.status} ${response.statusText}`.trim();
}

/** The answer, if it is a success; otherwise a {@link Refusal}. */
export async function request(method, path, { accept = 'application/json', signal, bearer = token.get() } = {}) {
  const headers = { Accept: accept };
  if (bearer) {
    if (!/^[\x21-\x7e]+$/.test(bearer)) {
      throw new Refusal(401, 'A token has no spaces and no characters beyond ASCII.');
    }
    headers.Authorization = `Bearer ${bearer}`;
  }
  let response;
  try {
    response = await fetch(path, { method, headers, signal, cache: 'no-store', credentials: 'omit', redirect: 'error' });
  } catch (cause) {
    throw new Refusal(0, cause.name === 'TimeoutError' ? 'The instance took too long to answer.' : 'The instance cannot be reached.');
  }
  if (!response.ok) {
    throw new Refusal(response.status, await words(response));
  }
  return response;
}

/** The JSON of an answer, null if it has none. */
export async function call(method, path, options = {}) {
  const response = await request(method, path, { signal: AbortSignal.timeout(PATIENCE_MS), ...options });
  return response.status === 204 ? null : response.json();
}

export const segment = name => encodeURIComponent(name);
