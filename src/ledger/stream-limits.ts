import { quoteName } from '../sql/quote.ts';
import type { Database } from '../sqlite/database.ts';
import { type CatalogueRelation, readCatalogue, readDrift } from './catalogue.ts';
import type { Finding } from './finding.ts';
import { FIRST_CONTENTS, type LackingRelation, lackingRelations, lackingText } from './first-contents.ts';
import { FROM_STREAMS } from './from-streams.ts';
import { doubtfulValues } from './receiver-settings.ts';
import { countOpenRejects } from './rejects.ts';

/** What the stream does not contain, as far as the catalogue, the drift and the staged rows show it. */
export function findLimits(database: Database): readonly Finding[] {
    const catalogue = readCatalogue(database);
    const fromStreams = ofStreams(database, catalogue);
    return [
        ...streamFindings(database, fromStreams),
        ...lackingRelations(database).map(lackingFinding),
        ...fromStreams.flatMap((relation) => relationFindings(database, relation)),
        ...doubtfulValues(database, fromStreams),
        ...driftFindings(database, catalogue),
    ];
}

/** What `elt status` says of it: asked of so few rows that the answer does not wait for them. */
export function newestDoubts(database: Database): readonly Finding[] {
    return doubtfulValues(database, ofStreams(database, readCatalogue(database)), DOUBTS_AMONG);
}

const DOUBTS_AMONG = 1_000;

function ofStreams(database: Database, catalogue: readonly CatalogueRelation[]): readonly CatalogueRelation[] {
    const names = database.prepare(FROM_STREAMS).pluck().all() as string[];
    return catalogue.filter(({ stagingTable }) => names.includes(stagingTable));
}

function lackingFinding(lacking: LackingRelation): Finding {
    return {
        subject: lacking.relation,
        finding: lackingText(lacking),
        lost: 'rows from before the slot that no change has written since; a change that was put aside may be one of them',
        fix: FIRST_CONTENTS,
    };
}

function streamFindings(database: Database, fromStreams: readonly CatalogueRelation[]): readonly Finding[] {
    const positions = database.prepare('select 1 from elt_transactions limit 1').get() !== undefined;
    const rejects = countOpenRejects(database);
    const findings: Finding[] = [];
    if (fromStreams.length > 0 && !positions) {
        findings.push({
            subject: 'the stream',
            finding: 'carries no positions',
            lost: 'a transaction that is sent twice lands twice; equal pieces are taken for one',
            fix: "capture with 'include-lsn' and 'include-xids'",
        });
    }
    if (rejects > 0) {
        findings.push({
            subject: 'the sources',
            finding: `${rejects} records or changes could not be decoded`,
            lost: 'what they changed',
            fix: 'look at them with "elt rejects"',
        });
    }
    return findings;
}

function relationFindings(database: Database, relation: CatalogueRelation): readonly Finding[] {
    const subject = `${relation.schema}.${relation.table}`;
    const findings: Finding[] = [];
    if (relation.columns.some((column) => column.pgType === null)) {
        findings.push({
            subject,
            finding: 'its columns have no types',
            lost: 'whether a text was a number; every column is stored as it came',
            fix: "capture without 'include-types=false'",
        });
    }
    const isNamed = relation.primaryKey !== null && relation.primaryKey.length > 0;
    // With a primary key, only inserts are what a reference table and a new partition look like: not a finding.
    if (!isNamed && relation.identity === null && !hasUpdates(database, relation)) {
        findings.push({ subject, ...insertsWithoutKey(relation) });
    }
    return findings;
}

/** Only inserts have come: either there were no updates and deletes, or PostgreSQL does not send them. */
function insertsWithoutKey({ primaryKey }: CatalogueRelation): Omit<Finding, 'subject'> {
    return primaryKey === null
        ? {
              finding: 'only inserts came, and none with an old key',
              lost: 'its updates and deletes, if it has neither a primary key nor a replica identity',
              fix: "capture with 'include-pk' to be sure",
          }
        : {
              finding: 'has no primary key, and only inserts came',
              lost: 'its updates and deletes, if there were any: PostgreSQL does not send them',
              fix: 'add a primary key, or "alter table … replica identity full"',
          };
}

/** Staging tables whose updates and deletes the stream cannot contain, because they have no key to send. */
export function tablesWithoutIdentity(database: Database): readonly string[] {
    return database
        .prepare(
            `select staging_table
            from elt_relations
            where primary_key = '[]' and identity is null and staging_table in (${FROM_STREAMS})
            order by staging_table`,
        )
        .pluck()
        .all() as string[];
}

function hasUpdates(database: Database, relation: CatalogueRelation): boolean {
    const sql = `select 1 from ${quoteName(relation.stagingTable)} where _op in ('update', 'delete') limit 1`;
    return database.prepare(sql).get() !== undefined;
}

/** Of what a stream sends alone: a file of rows has all that it has, whenever a column was added to it. */
function driftFindings(database: Database, catalogue: readonly CatalogueRelation[]): readonly Finding[] {
    const streams = ofStreams(database, catalogue).map(({ stagingTable }) => stagingTable);
    const drifts = readDrift(database).filter((drift) => streams.includes(drift.staging_table));
    return drifts.flatMap((drift): Finding[] => {
        const relation = catalogue.find((one) => one.stagingTable === drift.staging_table);
        const subject = `${relation?.schema}.${relation?.table}.${drift.column_name}`;
        const gone = drifts.find((other) => {
            return other.kind === 'dropped' && other._seq === drift._seq && other.was === drift.now;
        });
        if (drift.kind === 'added') {
            return [
                {
                    subject,
                    finding:
                        gone === undefined
                            ? `was added at _seq ${drift._seq}`
                            : `appeared at _seq ${drift._seq}, when "${gone.column_name}" of the same type was gone: renamed?`,
                    lost: 'its values in rows that were not written again (a default, or the values of the old name)',
                    fix: 'write the rows again: update the table set column = column',
                },
            ];
        }
        return drift.kind === 'retyped'
            ? [
                  {
                      subject,
                      finding: `was retyped at _seq ${drift._seq}, from ${drift.was} to ${drift.now}`,
                      lost: 'the new form of values in rows that were not written again',
                      fix: 'write the rows again: update the table set column = column',
                  },
              ]
            : [];
    });
}
