package dev.sinter.dsl.elaborate;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Facts;
import dev.sinter.ir.ScalarFn;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a condition on indices says of them: in `select(i >= 1, x[i - 1], 0)` the place is in
/// range.
public final class Guards {
  private Guards() {}

  /// What holds where `condition` does, or where it does not; at least in part.
  public static List<Facts.Fact> of(Elem condition, boolean holds) {
    List<Facts.Fact> facts = new ArrayList<>();
    collect(condition, holds, facts);
    return facts;
  }

  private static void collect(Elem condition, boolean holds, List<Facts.Fact> into) {
    if (!(condition instanceof Elem.Call(ScalarFn fn, List<Elem> args))) {
      return;
    }
    if (fn == ScalarFn.NOT) {
      collect(args.getFirst(), !holds, into);
      return;
    }
    if (fn == (holds ? ScalarFn.AND : ScalarFn.OR)) {
      args.forEach(arg -> collect(arg, holds, into));
      return;
    }
    Dim a = args.size() == 2 ? index(args.get(0)) : null;
    Dim b = args.size() == 2 ? index(args.get(1)) : null;
    if (a != null && b != null) {
      compared(fn, a, b, holds, into);
    }
  }

  private static void compared(ScalarFn fn, Dim a, Dim b, boolean holds, List<Facts.Fact> into) {
    switch (fn) {
      case GE -> into.add(holds ? least(a, b) : least(b, a.plus(1)));
      case GT -> into.add(holds ? least(a, b.plus(1)) : least(b, a));
      case LE -> into.add(holds ? least(b, a) : least(a, b.plus(1)));
      case LT -> into.add(holds ? least(b, a.plus(1)) : least(a, b));
      default -> {}
    }
  }

  private static Facts.Fact least(Dim left, Dim right) {
    return new Facts.Fact.AtLeast(left, right);
  }

  private static @Nullable Dim index(Elem elem) {
    return switch (elem) {
      case Elem.IndexValue(var dtype, Dim expr) -> expr;
      case Elem.Literal literal when literal.dtype().isInteger() -> Dim.of(literal.integer());
      default -> null;
    };
  }
}
