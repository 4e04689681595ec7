package dev.sinter.compiler;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.runtime.DType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// What one launch of a kernel costs at least, as expressions over its sizes.
///
/// @param flops float operations: one for each function of floats at each point, two for an fma,
///   one for each element that is reduced
/// @param bytesRead the bytes of the buffers that it reads, each once
/// @param bytesWritten the bytes of the buffers that it writes, each once
public record KernelCost(Dim flops, Dim bytesRead, Dim bytesWritten) {
  /// The cost of `kernel`.
  public static KernelCost of(TileKernel kernel) {
    Map<String, Dim> extents = new HashMap<>();
    for (Axis axis : kernel.axes()) {
      extents.put(axis.symbol(), axis.extent());
    }
    List<Set<String>> dependences = kernel.dependences();
    List<DType> dtypes = kernel.dtypes();
    Dim flops = Dim.ZERO;
    Set<Integer> read = new TreeSet<>();
    for (int i = 0; i < kernel.body().size(); i++) {
      switch (kernel.body().get(i)) {
        case Definition.Apply apply -> {
          if (dtypes.get(apply.args().getLast()).isFloat()) {
            long each = apply.fn() == dev.sinter.ir.ScalarFn.FMA ? 2 : 1;
            flops = flops.plus(points(dependences.get(i), extents).times(each));
          }
        }
        case Definition.Reduce reduce -> {
          if (dtypes.get(i).isFloat()) {
            flops = flops.plus(points(dependences.get(reduce.arg()), extents));
          }
        }
        case Definition.Load load -> read.add(load.buffer());
        case Definition.Constant _, Definition.IndexValue _, Definition.Cast _ -> {}
      }
    }
    Dim bytesRead = Dim.ZERO;
    for (int buffer : read) {
      bytesRead = bytesRead.plus(bytes(kernel.buffers().get(buffer)));
    }
    Dim bytesWritten = Dim.ZERO;
    for (int buffer : new TreeSet<>(kernel.stores().stream().map(s -> s.buffer()).toList())) {
      bytesWritten = bytesWritten.plus(bytes(kernel.buffers().get(buffer)));
    }
    return new KernelCost(flops, bytesRead, bytesWritten);
  }

  /// These costs under other sizes.
  public KernelCost substitute(Map<String, Dim> sizes) {
    return new KernelCost(
        flops.substitute(sizes), bytesRead.substitute(sizes), bytesWritten.substitute(sizes));
  }

  /// The cost of as many blocks as these, all of which share the same memory.
  public KernelCost inBlocks(Dim count) {
    return new KernelCost(flops.times(count), bytesRead, bytesWritten);
  }

  private static Dim points(Set<String> axes, Map<String, Dim> extents) {
    Dim points = Dim.ONE;
    for (String axis : axes) {
      points = points.times(extents.getOrDefault(axis, Dim.ONE));
    }
    return points;
  }

  private static Dim bytes(TileKernel.Buffer buffer) {
    int bits = buffer.storage().bits();
    return buffer.type().size().times(bits).ceilDiv(Dim.of(8));
  }
}
