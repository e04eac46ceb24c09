import type { ServerAddress } from '../../postgres/server-address.ts';
import { quoteIdentifier, quoteRelation } from '../../postgres/server-quote.ts';
import { GENERATED_SENT, type PublishedTable, type SourceTable } from './catalogue-reader.ts';
import { hasIdentity } from './publication.ts';
import type { ServerFacts } from './server-facts.ts';
import type { SourceFinding } from './source-finding.ts';

/** What stands in the way of tables, and what of them does not come along. */
export function checkTables(
    tables: readonly (SourceTable | PublishedTable)[],
    address: ServerAddress,
    facts: ServerFacts,
    wanted: { readonly makesPublication: boolean },
): readonly SourceFinding[] {
    return tables.flatMap((table) => [
        ...rightFindings(table, address, facts, wanted.makesPublication),
        ...keyFindings(table),
        ...contentFindings(table, facts),
    ]);
}

function rightFindings(
    table: SourceTable,
    { user }: ServerAddress,
    facts: ServerFacts,
    makesPublication: boolean,
): readonly SourceFinding[] {
    const [subject, relation, role] = [nameOfTable(table), quoteRelation(table), quoteIdentifier(user)];
    const findings: SourceFinding[] = [];
    if (!table.isReadable) {
        findings.push({
            subject,
            finding: `may not be read by "${user}"`,
            effect: 'its rows cannot be copied',
            sql: [
                `grant usage on schema ${quoteIdentifier(table.schema)} to ${role};`,
                `grant select on ${relation} to ${role};`,
            ],
            refuses: true,
        });
    }
    if (makesPublication && !table.isOwned) {
        findings.push({
            subject,
            finding: `does not belong to "${user}"`,
            effect: 'only its owner can publish it: let the owner run the SQL, and name the publication with --publication',
            sql: [`create publication elt for table ${relation} with (publish_via_partition_root = true);`],
            refuses: true,
        });
    }
    if (table.hasPolicies && !facts.bypassesPolicies) {
        findings.push({
            subject,
            finding: `has row policies that hold for "${user}"`,
            effect: 'a copy would lack rows that the stream has',
            sql: [`alter role ${role} bypassrls;`],
            refuses: true,
        });
    }
    return findings;
}

function keyFindings(table: SourceTable): readonly SourceFinding[] {
    if (hasIdentity(table)) {
        return [];
    }
    const isDeferrable = table.primaryKey.length > 0 && table.replicaIdentity === 'd' && table.identity.length === 0;
    const why =
        table.replicaIdentity === 'n'
            ? 'has the replica identity "nothing"'
            : isDeferrable
              ? 'has a deferrable primary key, which is no replica identity'
              : table.identity.length > 0
                ? 'has partitions without a replica identity'
                : 'has no primary key and no replica identity';
    return [
        {
            subject: nameOfTable(table),
            finding: why,
            effect: 'its inserts and truncates come; its updates and deletes cannot, and the application can still make them',
            sql: [`alter table ${quoteRelation(table)} replica identity full; -- or a primary key`],
            refuses: false,
        },
    ];
}

function contentFindings(table: SourceTable | PublishedTable, facts: ServerFacts): readonly SourceFinding[] {
    const subject = nameOfTable(table);
    const findings: SourceFinding[] = [];
    const sent = 'sent' in table ? table.sent : null;
    const missing = table.columns
        .filter(({ name, isGenerated }) => (sent === null ? isGenerated : !sent.includes(name)))
        .map(({ name, isGenerated }) => `"${name}"${isGenerated ? ' (generated)' : ''}`);
    if (missing.length > 0) {
        const way =
            facts.major >= GENERATED_SENT ? '; PostgreSQL sends generated ones where the publication says so' : '';
        findings.push({
            subject,
            finding: `the columns ${missing.join(', ')} are not sent`,
            effect: `they are missing here${way}`,
            sql: [],
            refuses: false,
        });
    }
    if ('filter' in table && table.filter !== null) {
        findings.push({
            subject,
            finding: `only rows with ${table.filter} are sent`,
            effect: 'the copy is taken with the same condition',
            sql: [],
            refuses: false,
        });
    }
    if (table.isPartitioned) {
        findings.push({
            subject,
            finding: 'is partitioned, and its changes come under its own name',
            effect: 'a truncate of one partition alone, and a partition that is attached with rows or detached, is not told',
            sql: [],
            refuses: false,
        });
    }
    const money = table.columns.filter(({ type }) => type === 'money').map(({ name }) => `"${name}"`);
    if (money.length > 0) {
        findings.push({
            subject,
            finding: `the columns ${money.join(', ')} are of type money`,
            effect: 'their text depends on lc_monetary of the server',
            sql: [],
            refuses: false,
        });
    }
    return findings;
}

/** `public.orders`, as people write it. */
export function nameOfTable({ schema, table }: { readonly schema: string; readonly table: string }): string {
    return `${schema}.${table}`;
}
