/** Where resolvers ask (RFC 1035 section 4.2): resolv.conf cannot name another port. */
export const DNS_PORT = 53;
