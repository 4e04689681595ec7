package dev.sinter.compiler.measure;

import dev.sinter.ir.ScalarFn;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// How long a step takes beside the roofline: the time below which the machine cannot do it, by its
/// arithmetic or by its memory.
///
/// Source: Williams, Waterman, Patterson, Roofline: An Insightful Visual Performance Model for
/// Multicore Architectures (CACM 52, 2009).
///
/// @param nanoseconds of one run
/// @param flops operations on floats of one run
/// @param bytes that one run reads and writes, each once
/// @param limits what the machine can do
record Roofline(double nanoseconds, double flops, double bytes, MachineLimits limits) {
  /// What reaches this share has nothing to be explained.
  private static final double NEAR = 0.85;

  /// In so many nanoseconds a step can do little but begin and end.
  private static final double SHORT = 3_000;

  /// Loads or stores are the reason if they alone would take such a share of the time that the
  /// arithmetic of the loop does.
  private static final double MORE = 1.0;

  private static final int LOADS_AT_ONCE = 2;
  private static final int OPERATIONS_AT_ONCE = 2;

  /// Why a step is not faster.
  enum Reason {
    NEAR,
    SHORT,
    SCALAR,
    FUNCTIONS,
    LANES,
    LOADS,
    STORES,
    OPERATIONS,
    MEMORY,
    WAITS,
    LIBRARY
  }

  /// A reason with its figures.
  record Finding(Reason reason, String text) {}

  /// The nanoseconds that its arithmetic takes at least.
  double arithmetic() {
    return flops / limits.gflops();
  }

  /// The nanoseconds that its memory takes at least, if nothing is in a cache.
  double memory() {
    return bytes / limits.bandwidth();
  }

  /// The share of the roofline; more than 1 where data is in a cache.
  double share() {
    return Math.max(arithmetic(), memory()) / nanoseconds;
  }

  /// Why it is not more.
  ///
  /// @param loop the kernel's busiest loop, or null if the step runs more than one kernel or none
  /// @param lanes the share of the lanes that the columns of its product fill
  Finding why(@Nullable InnerLoop loop, double lanes) {
    if (share() >= NEAR) {
      return new Finding(Reason.NEAR, "");
    }
    if (loop != null && !loop.vector()) {
      return new Finding(Reason.SCALAR, "scalar: its elements do not lie side by side");
    }
    if (nanoseconds < SHORT) {
      return new Finding(Reason.SHORT, "short: to begin and to end takes as long as the work");
    }
    if (loop == null) {
      return new Finding(Reason.LIBRARY, "several kernels, or one of the runtime's algorithms");
    }
    if (!loop.costly().isEmpty()) {
      return new Finding(
          Reason.FUNCTIONS,
          "functions that are many operations each: "
              + loop.costly().stream()
                  .map(ScalarFn::toString)
                  .distinct()
                  .collect(Collectors.joining(", ")));
    }
    if (lanes < NEAR) {
      return new Finding(
          Reason.LANES,
          String.format(Locale.ROOT, "%.0f %% of the lanes have a column", 100 * lanes));
    }
    return arithmetic() >= memory() ? computing(loop) : moving(loop);
  }

  /// Why it computes no faster.
  private static Finding computing(InnerLoop loop) {
    double operations = (double) loop.operations() / OPERATIONS_AT_ONCE;
    double loads = (double) loop.loads() / LOADS_AT_ONCE;
    if (loop.stores() >= MORE * operations) {
      return new Finding(
          Reason.STORES, "%d stores to %d operations".formatted(loop.stores(), loop.operations()));
    }
    if (loads >= MORE * operations) {
      return new Finding(
          Reason.LOADS, "%d loads to %d operations".formatted(loop.loads(), loop.operations()));
    }
    if (loop.simple() > loop.products()) {
      return new Finding(
          Reason.OPERATIONS,
          "%d operations of a kind that counts once, %d multiply-adds, which count twice"
              .formatted(loop.simple(), loop.products()));
    }
    return waits();
  }

  /// Why it moves bytes no faster.
  private static Finding moving(InnerLoop loop) {
    return loop.operations() > loop.loads() + loop.stores()
        ? waits()
        : new Finding(Reason.MEMORY, "memory: reads and writes that wait for one another");
  }

  private static Finding waits() {
    return new Finding(Reason.WAITS, "waits for caches and for results of its own");
  }
}
