package dev.sinter.dsl.ast;

import dev.sinter.ir.diagnostic.Span;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An expression.
///
/// Operators of one precedence that stand in a row are one [Chain], so that a long sum is a long
/// list and not a deep tree; whoever walks an expression recurses only as deep as the text nests.
public sealed interface Expr {
  Span span();

  /// `if c then a else b`.
  record If(Expr condition, Expr then, Expr otherwise, Span span) implements Expr {}

  /// `{ y = f(x) return y }`: an arm of an [If].
  record Block(Body.Block body) implements Expr {
    @Override
    public Span span() {
      return body.span();
    }
  }

  /// `x |> f |> g`; at least two stages.
  record Pipe(List<Expr> stages, Span span) implements Expr {
    public Pipe {
      stages = List.copyOf(stages);
    }
  }

  /// `x :> f32[N, D]`.
  record Coerce(Expr value, TypeSyntax type, Span span) implements Expr {}

  /// `a + b - c`: operators of one precedence, applied from the left.
  record Chain(Expr first, List<Link> rest, Span span) implements Expr {
    public Chain {
      rest = List.copyOf(rest);
    }
  }

  /// `- c` in a chain.
  ///
  /// @param span of the operator alone
  record Link(BinaryOperator operator, Expr operand, Span span) {}

  /// `-x`, `not x`.
  record Unary(UnaryOperator operator, Expr operand, Span span) implements Expr {}

  /// `f(x, k = 2)`, also `sum(x[i] * y[i] for i)`.
  ///
  /// @param over the axes after `for`; empty where there is no `for`
  record Call(Expr callee, List<Argument> arguments, List<Axis> over, Span span) implements Expr {
    public Call {
      arguments = List.copyOf(arguments);
      over = List.copyOf(over);
    }
  }

  /// `attn.weight`.
  record Select(Expr value, Name name, Span span) implements Expr {}

  /// `x[:, 0..3, ..]`.
  record Index(Expr value, List<Subscript> subscripts, Span span) implements Expr {
    public Index {
      subscripts = List.copyOf(subscripts);
    }
  }

  /// `Conv[3 -> 64](k = 3)`; a size where both brackets and parentheses are absent.
  ///
  /// @param arguments null where there are no parentheses
  record Instance(Name name, @Nullable Sizes sizes, @Nullable List<Argument> arguments, Span span)
      implements Expr {
    public Instance {
      arguments = arguments == null ? null : List.copyOf(arguments);
    }

    /// Whether this is a bare name: a size.
    public boolean isSize() {
      return sizes == null && arguments == null;
    }
  }

  /// `50_257`, `1e-5`.
  ///
  /// @param text as it is written, `_` included
  /// @param value a `Long` where it has no point and no exponent, else a `Double`
  record Numeral(String text, Number value, Span span) implements Expr {
    /// Whether this is written without a point and without an exponent.
    public boolean isInteger() {
      return value instanceof Long;
    }
  }

  /// `"gpt.safetensors"`.
  record Text(StringLiteral literal) implements Expr {
    @Override
    public Span span() {
      return literal.span();
    }
  }

  /// `true`, `false`.
  record Truth(boolean value, Span span) implements Expr {}

  /// `f32` where a value is wanted: a cast, or a dtype as an argument.
  record DtypeName(Name name) implements Expr {
    @Override
    public Span span() {
      return name.span();
    }
  }

  /// `x`.
  record Named(Name name) implements Expr {
    @Override
    public Span span() {
      return name.span();
    }
  }

  /// `mean{n c h w -> n c}`.
  record WithAxes(Name name, Axes axes, Span span) implements Expr {}

  /// `(x)`: kept, because the text is printed again.
  record Parens(Expr value, Span span) implements Expr {}

  /// `(y, h)`.
  record Tuple(List<Expr> values, Span span) implements Expr {
    public Tuple {
      values = List.copyOf(values);
    }
  }

  /// `[3, 4, 6, 3]`.
  record ListOf(List<Expr> values, Span span) implements Expr {
    public ListOf {
      values = List.copyOf(values);
    }
  }

  /// `[Block[D -> D] for i in 0..n]`.
  record Comprehension(Expr value, Loop.Each each, Span span) implements Expr {}

  /// `scan (x in xs, i in 0..n) with (h = h0) { ... }`.
  record Scan(List<Loop.Each> eaches, List<Loop.Carry> carries, Body.Block body, Span span)
      implements Expr {
    public Scan {
      eaches = List.copyOf(eaches);
      carries = List.copyOf(carries);
    }
  }

  /// `while (c, max = 64) with (n = 0) { ... }`.
  ///
  /// @param bound the argument after the condition; null where there is none
  record While(
      Expr condition,
      @Nullable Argument bound,
      List<Loop.Carry> carries,
      Body.Block body,
      Span span)
      implements Expr {
    public While {
      carries = List.copyOf(carries);
    }
  }
}
