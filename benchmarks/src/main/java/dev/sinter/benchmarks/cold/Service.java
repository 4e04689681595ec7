package dev.sinter.benchmarks.cold;

import java.util.List;

/// A network that one runtime has loaded, with a session that answers.
public interface Service extends AutoCloseable {
  /// Where calls find what they are asked, and leave what they answer.
  void connect(List<Port> inputs, List<Port> outputs);

  /// Answers once.
  void answer();

  @Override
  void close();
}
