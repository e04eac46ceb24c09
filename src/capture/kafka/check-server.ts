import { EltError } from '../../core/errors.ts';
import type { ServerConnection, TopicSettings } from './server-connection.ts';
import type { ClusterFacts, TopicFacts } from './server-facts.ts';
import type { SourceFinding } from './source-finding.ts';
import type { TopicPlaces } from './topic-places.ts';
import { topicStart } from './topic-start.ts';

const DAY_MS = 86_400_000;

/** Everything that matters before the topics are followed; `stored` is what the database holds of them. */
export async function checkTopics(
    connection: ServerConnection,
    stored: TopicPlaces,
): Promise<{ readonly facts: ClusterFacts; readonly findings: readonly SourceFinding[] }> {
    const { topics } = connection.address;
    const facts = await connection.facts(topics, stored);
    const settings = await connection.settings(facts.topics.map(({ topic }) => topic));
    const ofTopics = facts.topics.flatMap((topic) => topicFindings(topic, settings.get(topic.topic), stored));
    return { facts, findings: [...topics.flatMap((topic) => lossFindings(topic, facts, stored)), ...ofTopics] };
}

/** What the follower would stop at. */
function lossFindings(topic: string, facts: ClusterFacts, stored: TopicPlaces): readonly SourceFinding[] {
    try {
        topicStart([topic], facts, stored, null);
        return [];
    } catch (error) {
        if (!(error instanceof EltError)) {
            throw error;
        }
        const { code, message, found, where, next } = error.facts;
        const effect = [found, next].filter((one) => one !== undefined).join('; ');
        return [{ subject: where ?? `"${topic}"`, finding: `${code}: ${message}`, effect, refuses: true }];
    }
}

function topicFindings(
    { topic, topicId, partitions }: TopicFacts,
    settings: TopicSettings | undefined,
    stored: TopicPlaces,
): readonly SourceFinding[] {
    const subject = `"${topic}"`;
    const note = (finding: string, effect: string): SourceFinding => ({ subject, finding, effect, refuses: false });
    const known = stored.filter((place) => place.topic === topic && place.topicId === topicId);
    const findings: SourceFinding[] = [];
    if (settings?.cleanupPolicy.includes('delete') === true && settings.retentionMs >= 0) {
        findings.push(
            note(
                `keeps its messages for ${(settings.retentionMs / DAY_MS).toFixed(1)} days`,
                'a stop that lasts longer loses messages, and says so',
            ),
        );
    }
    if (settings?.cleanupPolicy.includes('compact') === true) {
        findings.push(
            note('is compacted', 'of each key at least the last message is kept: what lies between may never be seen'),
        );
    }
    if (settings === undefined) {
        findings.push(note('does not show its settings to this user', 'how long it keeps its messages is not known'));
    }
    const deleted = partitions.filter(({ firstOffset }) => firstOffset > 0);
    if (deleted.length > 0 && known.length === 0) {
        const count = deleted.reduce((sum, { firstOffset }) => sum + firstOffset, 0);
        findings.push(note(`has deleted ${count} of its messages`, 'reading begins at the first that is there'));
    }
    const open = partitions.filter(({ stableOffset, endOffset }) => stableOffset < endOffset);
    for (const { partition, stableOffset, endOffset } of open) {
        findings.push(
            note(
                `has a transaction open in partition ${partition} since offset ${stableOffset}`,
                `nothing behind it is read until it ends: ${endOffset - stableOffset} messages wait`,
            ),
        );
    }
    if (known.length > 0 && partitions.length > known.length) {
        findings.push(
            note(
                `has ${partitions.length} partitions now, and had ${known.length}`,
                'a key may have moved to another partition: its older messages may land after newer ones',
            ),
        );
    }
    return findings;
}
