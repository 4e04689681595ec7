package dev.sinter.benchmarks.peers;

import dev.sinter.runtime.Tensor;
import java.util.Map;

/// A network as one runtime runs it, with its arguments at hand.
interface Contestant extends AutoCloseable {
  /// The runtime's name and version.
  String name();

  /// Runs the network once, into memory that stays.
  void run();

  /// The results of the last run.
  Map<String, Tensor> results();

  @Override
  void close();
}
