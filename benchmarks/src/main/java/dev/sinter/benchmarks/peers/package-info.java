/// Whole networks side by side with other runtimes: `./sinter bench`.
@org.jspecify.annotations.NullMarked
package dev.sinter.benchmarks.peers;
