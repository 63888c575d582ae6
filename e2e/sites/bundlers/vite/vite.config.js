// Relative, so that the same build can be served from another origin than its page.
export default { base: "./" };
