package dev.sinter.runtime;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;

/// Which tensors of a caller a run may work on where they lie, so that they are not copied into the
/// arena and back.
///
/// An input may be that no other buffer takes over the memory of, as it would be written; a result
/// whose memory is no input's and no other result's. Memory must be open to all threads, native and
/// not a mapped file (kernels are compiled for one class of memory), and what is written must not
/// overlap anything else that is lent.
final class Lending {
  /// Any thread but the caller's.
  private static final Thread OTHER = Thread.ofPlatform().unstarted(() -> {});

  private final List<BufferPlan.Port> inputs;
  private final List<BufferPlan.Port> outputs;
  private final int[] roots;
  private final long[] sizes;
  private final boolean[] readable;
  private final boolean[] writable;

  /// @param sizes the bytes of each buffer
  Lending(BufferPlan plan, long[] sizes) {
    this.inputs = plan.inputs();
    this.outputs = plan.outputs();
    this.roots = new int[sizes.length];
    this.sizes = new long[sizes.length];
    int[] sharers = new int[sizes.length];
    for (int i = 0; i < roots.length; i++) {
      int sharing = plan.buffers().get(i).sharing();
      roots[i] = sharing == i ? i : roots[sharing];
      sharers[roots[i]]++;
      this.sizes[roots[i]] = Math.max(this.sizes[roots[i]], sizes[i]);
    }
    int[] ports = new int[sizes.length];
    inputs.forEach(port -> ports[roots[port.buffer()]]++);
    outputs.forEach(port -> ports[roots[port.buffer()]]++);
    this.readable = new boolean[inputs.size()];
    for (int i = 0; i < readable.length; i++) {
      readable[i] = sharers[roots[inputs.get(i).buffer()]] == 1;
    }
    this.writable = new boolean[outputs.size()];
    for (int i = 0; i < writable.length; i++) {
      writable[i] = ports[roots[outputs.get(i).buffer()]] == 1;
    }
  }

  /// Lets `frame` work on the caller's tensors as far as it may.
  ///
  /// @param given the inputs by name
  /// @param taken what takes the results, by name
  void lend(Frame frame, EntrySpec spec, Map<String, Tensor> given, Map<String, Tensor> taken) {
    for (int i = 0; i < outputs.size(); i++) {
      Tensor output = taken.get(spec.outputs().get(i).name());
      int root = roots[outputs.get(i).buffer()];
      if (output != null
          && writable[i]
          && output.bytes() == sizes[root]
          && isOpen(output.memory())
          && !output.memory().isReadOnly()
          && isApart(output, i, spec, given, taken)) {
        frame.lend(root, output.memory());
      }
    }
    for (int i = 0; i < inputs.size(); i++) {
      Tensor input = given.get(spec.inputs().get(i).name());
      if (input != null && readable[i] && isOpen(input.memory())) {
        frame.lend(inputs.get(i).buffer(), input.memory());
      }
    }
  }

  private static boolean isOpen(MemorySegment memory) {
    return memory.isNative() && !memory.isMapped() && memory.isAccessibleBy(OTHER);
  }

  /// Whether result `own` overlaps no other tensor of the call.
  private static boolean isApart(
      Tensor output,
      int own,
      EntrySpec spec,
      Map<String, Tensor> given,
      Map<String, Tensor> taken) {
    return isApart(output, -1, spec.inputs(), given) && isApart(output, own, spec.outputs(), taken);
  }

  // An iterator would be garbage at each call.
  private static boolean isApart(
      Tensor output, int own, List<TensorSpec> specs, Map<String, Tensor> all) {
    for (int i = 0; i < specs.size(); i++) {
      Tensor other = all.get(specs.get(i).name());
      if (other != null && i != own && overlap(output, other)) {
        return false;
      }
    }
    return true;
  }

  private static boolean overlap(Tensor a, Tensor b) {
    if (!b.memory().isNative()) {
      return false;
    }
    long first = a.memory().address();
    long second = b.memory().address();
    return first < second + b.bytes() && second < first + a.bytes();
  }
}
