package dev.sinter.passes.gpu;

import dev.sinter.ir.Dim;
import dev.sinter.ir.kernel.ThreadKernel.Memory;
import dev.sinter.ir.kernel.ThreadKernel.Place;
import dev.sinter.ir.kernel.ThreadKernel.Register;
import dev.sinter.ir.kernel.ThreadKernel.RegisterType;
import dev.sinter.ir.kernel.ThreadKernel.Step;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Loads of four consecutive elements at once, each done when the first of the four is asked for.
///
/// @param scope where the axis has the value of the first point, a multiple of four
record QuadLoads(Scope scope, String axis, Map<Integer, List<Register>> loaded) {
  QuadLoads(Scope scope, String axis) {
    this(scope, axis, new HashMap<>());
  }

  /// Whether an access at `place` of a type of 4 bytes is of four consecutive elements, the first
  /// at a multiple of four.
  boolean fits(Dim place, RegisterType type) {
    Dim next = place.substitute(Map.of(axis, Dim.symbol(axis).plus(1)));
    return type.dtype().bits() == 32
        && next.minus(place).is(1)
        && isMultiple(scope.resolved(place), 4);
  }

  /// Whether each term of `dim` has a coefficient that `divisor` divides.
  static boolean isMultiple(Dim dim, int divisor) {
    return dim.terms().stream().allMatch(term -> term.coefficient() % divisor == 0);
  }

  /// The four elements of a load.
  List<Register> load(int number, Memory memory, Dim place, RegisterType type) {
    List<Register> known = loaded.get(number);
    if (known == null) {
      known = Stream.generate(() -> scope.code().fresh(type)).limit(4).toList();
      Place from = new Place(memory, scope.index(place), 0);
      scope.code().add(new Step.Load(known, from, scope.valid()));
      loaded.put(number, known);
    }
    return known;
  }
}
