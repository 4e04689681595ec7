package dev.sinter.passes.gpu;

import dev.sinter.ir.Dim;
import dev.sinter.ir.kernel.Layout;
import dev.sinter.ir.kernel.ThreadKernel;
import dev.sinter.ir.kernel.ThreadVerifier;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.ir.kernel.TileKernel.Store;
import dev.sinter.runtime.DType;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Lowers what a kernel computes to what each thread of a GPU does.
public final class GpuLowering {
  private GpuLowering() {}

  /// A schedule that fits the class of `kernel`.
  public static GpuSchedule schedule(TileKernel kernel) {
    return switch (KernelClass.of(kernel)) {
      case KernelClass.Pointwise() -> new GpuSchedule.Points(128, 4);
      case KernelClass.RowReduction rows -> {
        boolean one = KernelClass.extent(rows.rows()).is(1);
        yield new GpuSchedule.Rows(256, one || longest(kernel) > 4096 ? 256 : 32);
      }
      case KernelClass.Contraction contraction -> {
        boolean large = large(contraction.rows()) && large(contraction.columns());
        yield large
            ? new GpuSchedule.Tiles(128, 128, 16, 8, 8, 2)
            : new GpuSchedule.Tiles(64, 64, 16, 4, 4, 3);
      }
    };
  }

  private static boolean large(List<dev.sinter.ir.Axis> axes) {
    Dim extent = KernelClass.extent(axes);
    return extent.isConstant() && extent.constant() >= 1024;
  }

  /// The longest constant axis that is reduced.
  private static long longest(TileKernel kernel) {
    long longest = 0;
    for (Definition definition : kernel.body()) {
      if (definition instanceof Definition.Reduce reduce) {
        Dim extent = KernelClass.extent(KernelClass.select(kernel, Set.copyOf(reduce.axes())));
        longest = Math.max(longest, extent.isConstant() ? extent.constant() : 0);
      }
    }
    return longest;
  }

  /// Why `kernel` has no form for a GPU yet; empty where it has.
  public static Optional<String> refusal(TileKernel kernel) {
    for (TileKernel.Buffer buffer : kernel.buffers()) {
      if (!(buffer.layout() instanceof Layout.Dense)) {
        return Optional.of(buffer.name() + " is packed for a CPU");
      }
      if (ThreadKernel.RegisterType.of(buffer.type().dtype()).isEmpty()) {
        return Optional.of(buffer.name() + " is of " + buffer.type().dtype());
      }
    }
    for (DType dtype : kernel.dtypes()) {
      if (ThreadKernel.RegisterType.of(dtype).isEmpty()) {
        return Optional.of("it computes in " + dtype);
      }
    }
    for (Definition definition : kernel.body()) {
      if (definition instanceof Definition.Reduce reduce
          && ThreadKernel.RegisterType.of(reduce.accumulator()).isEmpty()) {
        return Optional.of("it accumulates in " + reduce.accumulator());
      }
    }
    if (kernel.stores().stream().anyMatch(store -> store.accumulate().isPresent())) {
      return Optional.of("it joins values to what is in memory");
    }
    return overwrites(kernel);
  }

  /// A buffer that is read and written is safe where all stores are done at one point.
  private static Optional<String> overwrites(TileKernel kernel) {
    Set<Integer> read = new HashSet<>();
    for (Definition definition : kernel.body()) {
      if (definition instanceof Definition.Load load) {
        read.add(load.buffer());
      }
    }
    Set<Set<String>> domains = new HashSet<>();
    List<Set<String>> dependences = kernel.dependences();
    kernel.stores().forEach(store -> domains.add(KernelClass.axes(store, dependences)));
    boolean over = kernel.stores().stream().map(Store::buffer).anyMatch(read::contains);
    return over && domains.size() > 1
        ? Optional.of("it overwrites an operand and has results of different shapes")
        : Optional.empty();
  }

  /// What each thread does of `kernel` under its own schedule.
  public static ThreadKernel lower(TileKernel kernel) {
    return lower(kernel, schedule(kernel));
  }

  /// What each thread does of `kernel`, which is not [#refusal(TileKernel) refused], under
  /// `schedule`; waits and barriers are in place.
  ///
  /// @throws IllegalArgumentException if the schedule is not for the kernel's class; one for points
  ///   is for every class
  public static ThreadKernel lower(TileKernel kernel, GpuSchedule schedule) {
    return Synchronize.synchronize(awaiting(kernel, schedule));
  }

  /// The kernel with tokens that are awaited, waits and barriers still to be found.
  static ThreadKernel awaiting(TileKernel kernel, GpuSchedule schedule) {
    Lowered lowered = lowered(kernel, KernelClass.of(kernel), schedule);
    List<ThreadKernel.Buffer> buffers =
        kernel.buffers().stream()
            .map(b ->
                new ThreadKernel.Buffer(
                    b.name(), b.type().dtype(), b.layout().size(b.type().shape())))
            .toList();
    ThreadKernel threads =
        new ThreadKernel(
            kernel.name(),
            buffers,
            kernel.sizes(),
            lowered.grid(),
            lowered.shared(),
            lowered.body());
    ThreadVerifier.verify(threads);
    return threads;
  }

  private static Lowered lowered(TileKernel kernel, KernelClass kind, GpuSchedule schedule) {
    if (schedule instanceof GpuSchedule.Points points) {
      return PointLowering.lower(kernel, points);
    }
    if (schedule instanceof GpuSchedule.Rows rows
        && kind instanceof KernelClass.RowReduction reduction) {
      return RowLowering.lower(kernel, reduction.rows(), rows);
    }
    if (schedule instanceof GpuSchedule.Tiles tiles
        && kind instanceof KernelClass.Contraction contraction) {
      return TileLowering.lower(kernel, contraction, tiles);
    }
    throw new IllegalArgumentException(schedule + " does not fit " + kernel.name());
  }
}
