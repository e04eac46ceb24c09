/** The database driver crashes on older versions, without a message. */
const NODE_MIN = [22, 12] as const;

/** To be asked before anything native is loaded. */
export function isOldNode(version: string = process.versions.node): boolean {
    const [major = 0, minor = 0] = version.split('.').map(Number);
    return major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1]);
}

/** Ends the process with an error. A checkout has its own Node, an installed package does not. */
export function refuseOldNode(isCheckout: boolean, version: string = process.versions.node): never {
    process.stderr.write(
        [
            `error NODE_TOO_OLD: elt needs Node.js ${NODE_MIN.join('.')} or newer`,
            `  found:  Node.js ${version} at ${process.execPath}`,
            '  state:  nothing was changed',
            isCheckout
                ? '  next:   start it as "./elt": the checkout brings Node.js 24 along'
                : `  next:   install Node.js ${NODE_MIN.join('.')} or newer`,
            '',
        ].join('\n'),
    );
    process.exit(2);
}
