package dev.sinter.dsl.ast;

import dev.sinter.ir.diagnostic.Span;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What stands in the braces of a function, a step or a loop.
public sealed interface Statement
    permits Keys,
        Statement.TypedLet,
        Statement.Let,
        Statement.IndexLet,
        Statement.SizeLet,
        Statement.Next,
        Statement.Emit,
        Statement.Return,
        Statement.Minimize {
  Span span();

  /// `places: i32[T] = iota()`.
  record TypedLet(Name name, TypeSyntax type, Expr value, Span span) implements Statement {}

  /// `y, h = f(x)`.
  record Let(List<Name> names, Expr value, Span span) implements Statement {
    public Let {
      names = List.copyOf(names);
    }
  }

  /// `y[n, l in 0..L - K + 1] = sum(x[n, l + k] * w[k] for k)`.
  record IndexLet(Name name, List<Axis> axes, Expr value, Span span) implements Statement {
    public IndexLet {
      axes = List.copyOf(axes);
    }
  }

  /// `K <= N = count`: a size that data tells, with the most that it can be.
  record SizeLet(Name name, Expr most, Expr value, Span span) implements Statement {}

  /// `next h = h1 when training`.
  record Next(Name name, Expr value, @Nullable Expr when, Span span) implements Statement {}

  /// `emit h1`.
  record Emit(Expr value, Span span) implements Statement {}

  /// `return y`.
  record Return(Expr value, Span span) implements Statement {}

  /// `minimize loss over net with Sgd(lr = 0.1) over net.**.bias with ...`.
  record Minimize(Expr loss, List<Over> overs, Span span) implements Statement {
    public Minimize {
      overs = List.copyOf(overs);
    }
  }

  /// `over net.head, net.**.bias with Sgd(lr = 0.1)`.
  record Over(List<Path> paths, Expr optimizer, Span span) {
    public Over {
      paths = List.copyOf(paths);
    }
  }
}
