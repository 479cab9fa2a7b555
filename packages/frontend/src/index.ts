/** The front end: the stateless process that clients meet. */
export {};
