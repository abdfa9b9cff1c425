/** Loaded before a launched program: when its launcher vanishes (kill -9), the program drains and ends as on SIGTERM. */
if (process.env.FOLLOW_LAUNCHER === '1' && process.channel) {
  // not for grandchildren: what the program starts itself has its own parent to follow
  delete process.env.FOLLOW_LAUNCHER;
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}
