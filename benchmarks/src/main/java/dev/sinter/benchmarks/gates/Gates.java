package dev.sinter.benchmarks.gates;

import dev.sinter.runtime.Program;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What must hold of the kernels of a network once the JIT has done with them. The bounds are those
/// of `docs/CPU.md`.
///
/// @param network the network of the row
/// @param bytesPerCall what a call allocates
/// @param bytesByKernel of which by each kernel that does
/// @param samples how often its kernels were seen to run
/// @param methods the methods that this machine runs
record Gates(
    String network,
    long bytesPerCall,
    Map<String, Long> bytesByKernel,
    int samples,
    List<KernelMethod> methods) {
  /// From fewer samples nothing follows.
  static final int FEWEST_SAMPLES = 100;

  /// Methods with less than this share of the time may be left to slower code.
  static final double HOT = 0.01;

  /// In less than this share of its time, all of it together, a network's kernels may run slower
  /// code.
  static final double SLOWER = 0.05;

  /// HotSpot compiles no longer method (`-XX:HugeMethodLimit`).
  static final int LONGEST = 8_000;

  /// A hot method that is much longer is too much for C1, and in the end for C2.
  static final int LONGEST_HOT = 2_000;

  /// A register tile may be longer, since C1 compiles none of them: 6 rows of 4 vectors with what
  /// follows their sums.
  static final int LONGEST_TILE = 3_200;

  /// C2 inlines no longer method (`-XX:FreqInlineSize`).
  static final int LONGEST_INLINED = 325;

  /// What is longer than this takes C2 long enough to be counted.
  static final int LARGE = 600;

  /// How many large methods C2 may have to compile for a network, where that was set.
  static final Map<String, Integer> LARGE_METHODS = Map.of("resnet50", 16, "minilm", 8);

  /// What does not hold, of the known faults with the reason.
  List<Fault> faults(KnownFaults known, String row) {
    List<Fault> faults = new ArrayList<>();
    if (samples < FEWEST_SAMPLES) {
      faults.add(fault("c2", "", "kernels were seen to run only %d times".formatted(samples)));
    }
    for (KernelMethod method : methods) {
      bytecode(method, faults);
      compiled(method, faults);
    }
    double slower = methods.stream().mapToDouble(m -> m.share() * (1 - m.inC2())).sum();
    if (slower > SLOWER) {
      faults.add(fault("c2", "", "%.0f %% of the time in other code".formatted(100 * slower)));
    }
    if (bytesPerCall > 0) {
      allocation(faults);
    }
    long large = methods.stream().filter(m -> m.bytes() > LARGE && m.compilations() > 0).count();
    int allowed = LARGE_METHODS.getOrDefault(network, Integer.MAX_VALUE);
    if (large > allowed) {
      faults.add(
          fault(
              "budget",
              "",
              "C2 compiled %d methods of more than %d bytes, not %d"
                  .formatted(large, LARGE, allowed)));
    }
    return faults.stream().map(fault -> known.explained(row, fault)).toList();
  }

  private static void bytecode(KernelMethod method, List<Fault> faults) {
    int hot = method.name().startsWith(Program.TILE) ? LONGEST_TILE : LONGEST_HOT;
    int limit = method.takesVectors() ? LONGEST_INLINED : method.isHot() ? hot : LONGEST;
    if (method.bytes() > limit) {
      faults.add(
          fault("bytecode", method.name(), "%d bytes, not %d".formatted(method.bytes(), limit)));
    }
  }

  private static void compiled(KernelMethod method, List<Fault> faults) {
    if (method.isHot() && method.inC2() < 0.5) {
      faults.add(
          fault(
              "c2",
              method.name(),
              "%.0f %% of the time, and not in code of C2".formatted(100 * method.share())));
    }
    for (String said : method.bailOuts()) {
      faults.add(fault("bail-out", method.name(), said));
    }
  }

  private void allocation(List<Fault> faults) {
    bytesByKernel.forEach((kernel, bytes) ->
        faults.add(fault("allocation", kernel, "%d bytes a call".formatted(bytes))));
    long rest = bytesPerCall - bytesByKernel.values().stream().mapToLong(b -> b).sum();
    if (rest > 0) {
      faults.add(fault("allocation", "", "%d bytes a call outside of kernels".formatted(rest)));
    }
  }

  private static Fault fault(String gate, String kernel, String what) {
    return new Fault(gate, kernel, what, "");
  }
}
