/** The database driver crashes on older ones, without a word. */
const NODE_MIN = [22, 12] as const;

/** Ends the process with one clear error on a Node that is too old; to be called before anything native is loaded. */
export function refuseOldNode(version: string = process.versions.node): void {
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) {
        return;
    }
    process.stderr.write(
        [
            `error NODE_TOO_OLD: elt needs Node.js ${NODE_MIN.join('.')} or newer`,
            `  found:  Node.js ${version} at ${process.execPath}`,
            '  state:  nothing was changed',
            '  next:   in a checkout "npm run setup" installs Node 24 beside elt: then "npx elt …" finds it',
            '',
        ].join('\n'),
    );
    process.exit(2);
}
