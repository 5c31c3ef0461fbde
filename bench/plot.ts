const WIDTH = 720;
const HEIGHT = 320;
const MARGIN = { left: 56, right: 16, top: 16, bottom: 40 };

/** Launches over time against what the limit allows, as an SVG that is readable on light and on dark pages. */
export function burstPlot(launchesMs: readonly number[], aMinute: number): string {
  const count = launchesMs.length;
  const endS = Math.ceil((launchesMs.at(-1) ?? 0) / 60_000) * 60;
  const x = (seconds: number) => MARGIN.left + (seconds / endS) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (launches: number) =>
    HEIGHT - MARGIN.bottom - (launches / count) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const point = (seconds: number, launches: number) => `${x(seconds).toFixed(1)},${y(launches).toFixed(1)}`;
  const ours = launchesMs.map((atMs, index) => point(atMs / 1000, index + 1));
  const limit = Array.from({ length: Math.ceil(count / aMinute) }, (_, minute) => [
    point(minute * 60, Math.min(count, minute * aMinute)),
    point(minute * 60, Math.min(count, (minute + 1) * aMinute)),
    point((minute + 1) * 60, Math.min(count, (minute + 1) * aMinute)),
  ]).flat();
  const ticks = Array.from({ length: endS / 60 + 1 }, (_, minute) => minute * 60);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="A burst of ${count} jobs: launches over time beside what GitHub's limit allows" font-family="system-ui, sans-serif" font-size="12" fill="#7d8590">
<path d="M${MARGIN.left} ${MARGIN.top}V${HEIGHT - MARGIN.bottom}H${WIDTH - MARGIN.right}" fill="none" stroke="#7d8590"/>
${ticks.map((seconds) => `<text x="${x(seconds)}" y="${HEIGHT - MARGIN.bottom + 18}" text-anchor="middle">${seconds} s</text>`).join('\n')}
${[0, count / 2, count].map((launches) => `<text x="${MARGIN.left - 8}" y="${y(launches) + 4}" text-anchor="end">${launches}</text>`).join('\n')}
<polyline points="${limit.join(' ')}" fill="none" stroke="#7d8590" stroke-width="2" stroke-dasharray="6 4"/>
<polyline points="${ours.join(' ')}" fill="none" stroke="#2f81f7" stroke-width="2.5"/>
<text x="${WIDTH - MARGIN.right - 8}" y="${HEIGHT - MARGIN.bottom - 30}" text-anchor="end" fill="#2f81f7">launched</text>
<text x="${WIDTH - MARGIN.right - 8}" y="${HEIGHT - MARGIN.bottom - 12}" text-anchor="end">dashed: ${aMinute} JIT configs in any minute</text>
</svg>
`;
}
