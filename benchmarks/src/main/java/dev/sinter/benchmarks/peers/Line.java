package dev.sinter.benchmarks.peers;

import dev.sinter.compiler.tune.Middle;
import dev.sinter.passes.WeightStorage;
import java.util.Locale;
import java.util.Map;

/// A row of a [Document]: what one trial says for one number of threads.
///
/// @param oursMs Sinter's time, with its bounds; 0 if it was not timed
/// @param peers each peer's time in milliseconds
/// @param ratio the best peer's time over Sinter's; 0 if something failed
/// @param ceiling the best peer's time over the least that this machine can take
/// @param maxError the largest distance of outputs, relative to their range
/// @param failure what went wrong, or nothing
record Line(
    String id,
    int threads,
    double oursMs,
    double oursLo,
    double oursHi,
    Map<String, Double> peers,
    double ratio,
    double ratioLo,
    double ratioHi,
    double ceiling,
    double maxError,
    String math,
    String weights,
    String failure) {
  /// What a race of equal answers says.
  ///
  /// @param least the least time that the machine can take, in milliseconds
  static Line of(
      String id,
      int threads,
      WeightStorage weights,
      Race.Result race,
      double least,
      double maxError) {
    Race.Peer best = race.best();
    return new Line(
        id,
        threads,
        race.ours().median(),
        race.ours().low(),
        race.ours().high(),
        race.times(),
        best.ratio().median(),
        best.ratio().low(),
        best.ratio().high(),
        best.time().median() / least,
        maxError,
        "fast",
        weights.name().toLowerCase(Locale.ROOT),
        "");
  }

  /// A row without a ratio.
  static Line failed(String id, int threads, WeightStorage weights, String why) {
    return alone(id, threads, weights, new Middle(0, 0, 0), why);
  }

  /// A row whose peers could not be asked.
  static Line alone(String id, int threads, WeightStorage weights, Middle ours, String why) {
    return new Line(
        id,
        threads,
        ours.median(),
        ours.low(),
        ours.high(),
        Map.of(),
        0,
        0,
        0,
        0,
        0,
        "fast",
        weights.name().toLowerCase(Locale.ROOT),
        why);
  }
}
