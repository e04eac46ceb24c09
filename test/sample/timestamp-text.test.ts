import { expect, test } from 'vitest';
import { isoTimestampText, timestampText } from '../../src/core/timestamp-text.ts';

test.each([
    ['no fraction at all', 1_709_283_600_000_000, '2024-03-01 09:00:00'],
    ['six digits', 1_709_283_600_123_456, '2024-03-01 09:00:00.123456'],
    ['trailing zeros are cut', 1_709_283_600_120_000, '2024-03-01 09:00:00.12'],
    ['leading zeros stay', 1_709_283_600_000_010, '2024-03-01 09:00:00.00001'],
    ['the last microsecond of a year', 1_735_689_599_999_999, '2024-12-31 23:59:59.999999'],
    ['a leap day', 1_709_164_800_500_000, '2024-02-29 00:00:00.5'],
    ['a second kept from before gives way', 1_709_283_608_000_000, '2024-03-01 09:00:08'],
    ['and comes back', 1_709_283_600_000_001, '2024-03-01 09:00:00.000001'],
])('a timestamp as PostgreSQL prints it: %s', (_, micros, text) => {
    expect(timestampText(micros)).toBe(text);
    expect(isoTimestampText(micros)).toBe(text.replace(' ', 'T'));
});
