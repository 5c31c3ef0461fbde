/** What a process weighs that does nothing. */
console.log(JSON.stringify({ rssBytes: process.memoryUsage.rss() }));
