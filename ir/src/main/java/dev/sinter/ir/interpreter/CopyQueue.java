package dev.sinter.ir.interpreter;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/// The asynchronous copies of a block's threads that are under way, in groups, oldest first.
///
/// A copy takes effect as late as it may: when its thread waits for its group.
final class CopyQueue {
  private final List<Deque<List<Copy>>> groups = new ArrayList<>();

  /// A copy of one element.
  ///
  /// @param array the shared array
  /// @param to the element of the array
  /// @param buffer the buffer
  /// @param from the element of the buffer; -1 brings 0
  record Copy(int array, int to, int buffer, int from) {}

  CopyQueue(int threads) {
    for (int t = 0; t < threads; t++) {
      groups.add(new ArrayDeque<>());
    }
  }

  void add(int thread, List<Copy> group) {
    groups.get(thread).add(group);
  }

  /// Gives `arrive` the copies of all groups of `thread` but the newest `pending`.
  void finish(int thread, int pending, Consumer<Copy> arrive) {
    Deque<List<Copy>> own = groups.get(thread);
    while (own.size() > pending) {
      own.remove().forEach(arrive);
    }
  }
}
