package dev.sinter.benchmarks.gates;

import java.util.List;

/// A method of the kernels that a machine runs, held to the [Gates].
///
/// @param name its own
/// @param bytes of its bytecode
/// @param takesVectors whether it takes or returns vectors, and so has to be inlined
/// @param share of the time in kernels that is spent in it, without what it calls
/// @param inC2 the part of that in which it ran as code of C2
/// @param code what a call of it runs in the end
/// @param compilations how often C2 compiled it, loops of it included
/// @param bailOuts what compilers said that gave up on it
public record KernelMethod(
    String name,
    int bytes,
    boolean takesVectors,
    double share,
    double inC2,
    JitMethod.Code code,
    int compilations,
    List<String> bailOuts) {
  public KernelMethod {
    bailOuts = List.copyOf(bailOuts);
  }

  /// Whether it takes enough time for C2 to have compiled it.
  public boolean isHot() {
    return share >= Gates.HOT;
  }
}
