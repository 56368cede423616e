/** What a server answers about one container. */
export interface NameRecord {
  readonly containerID: string;
  readonly addresses: readonly string[];
  /** Without the domain, in lower case; the first is the answer to reverse questions. */
  readonly names: readonly string[];
}

/** Lines of hosts(5), with what each name is spelt as there. */
export function hostsForm(
  records: readonly NameRecord[],
  spell: (name: string) => string,
): readonly string[] {
  return records
    .filter(({ names }) => names.length > 0)
    .flatMap(({ addresses, names }) => {
      const words = names.map(spell).join(' ');
      return addresses.map((address) => `${address} ${words}`);
    });
}

/** RFC 1035 section 2.3.4: 63 bytes a label, 253 a name; flatnet's domain and a dot take some of them. */
const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;
const NAME_LIMIT = 253;
/** Names that resolvers answer themselves or read as addresses: a container with one would be asked for, and not found. */
const TAKEN = /^(localhost|.*\.(localhost|arpa)|\d+(\.\d+)*)$/;
/** Podman names a container by the beginning of its id; this is also its hostname. */
const SHORT_ID = 12;
const SHORT_ID_FORM = /^[0-9a-f]{12}$/;

function isName(text: string, limit: number): boolean {
  return text.length <= limit && text.split('.').every((label) => LABEL.test(label));
}

/** Whether names may end in this domain. */
export function isDomain(text: string): boolean {
  return isName(text, 100) && !TAKEN.test(text);
}

/** Completes "expected". */
export const DOMAIN_FORM = 'a domain in lower case, such as "flatnet" or "lab.example"';

/** What is known of a container. */
export interface Named {
  readonly containerID: string;
  readonly containerName?: string | undefined;
  readonly aliases?: readonly string[] | undefined;
}

/**
 * The names that a container is found by: its own, its aliases, the beginning of its id. They come from whoever starts
 * it; what DNS cannot hold is left out, and so never reaches a file.
 */
export function namesOf(
  { containerID, containerName = '', aliases = [] }: Named,
  domain: string,
): readonly string[] {
  const limit = NAME_LIMIT - domain.length - 1;
  const given = [containerName, ...aliases].map((name) => name.toLowerCase());
  const held = given.filter((name) => isName(name, limit) && !TAKEN.test(name));
  const short = containerID.slice(0, SHORT_ID).toLowerCase();
  return [...new Set([...held, ...(SHORT_ID_FORM.test(short) ? [short] : [])])];
}
