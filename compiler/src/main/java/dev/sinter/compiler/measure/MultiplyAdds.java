package dev.sinter.compiler.measure;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Fused multiply-adds of registers: the most arithmetic that a core does.
public final class MultiplyAdds {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  /// Enough that none waits for the one before it.
  private static final int CHAINS = 10;

  private MultiplyAdds() {}

  /// The floats of a vector.
  static int lanes() {
    return SPECIES.length();
  }

  /// The floating-point operations of [#run].
  public static double operations(int turns) {
    return 2.0 * CHAINS * SPECIES.length() * turns;
  }

  /// So many multiply-adds in each of ten chains of vectors; the result keeps the JIT from leaving
  /// them out.
  public static float run(int turns) {
    FloatVector x = FloatVector.broadcast(SPECIES, 0.999f);
    FloatVector y = FloatVector.broadcast(SPECIES, 0.001f);
    FloatVector a = x;
    FloatVector b = y;
    FloatVector c = x;
    FloatVector d = y;
    FloatVector e = x;
    FloatVector f = y;
    FloatVector g = x;
    FloatVector h = y;
    FloatVector i = x;
    FloatVector j = y;
    for (int turn = 0; turn < turns; turn++) {
      a = a.fma(x, y);
      b = b.fma(x, y);
      c = c.fma(x, y);
      d = d.fma(x, y);
      e = e.fma(x, y);
      f = f.fma(x, y);
      g = g.fma(x, y);
      h = h.fma(x, y);
      i = i.fma(x, y);
      j = j.fma(x, y);
    }
    return a.add(b).add(c.add(d)).add(e.add(f)).add(g.add(h)).add(i.add(j)).lane(0);
  }
}
