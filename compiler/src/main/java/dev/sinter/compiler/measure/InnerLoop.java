package dev.sinter.compiler.measure;

import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.LoopKernel.Expr;
import dev.sinter.ir.kernel.LoopKernel.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// What a turn of a kernel's busiest loop asks of a core.
///
/// @param vector whether it works on vectors
/// @param products fused multiply-adds
/// @param simple operations that a core does as fast as those
/// @param costly functions that take many operations, as exponentials and divisions do
/// @param loads elements or vectors that are read
/// @param stores elements or vectors that are written
record InnerLoop(
    boolean vector, int products, int simple, List<ScalarFn> costly, int loads, int stores) {
  /// The operations that a costly function is taken for: that of the exponential function's
  /// polynomial, about; a division keeps its unit as long.
  private static final int OPERATIONS = 16;

  InnerLoop {
    costly = List.copyOf(costly);
  }

  /// The busiest of the loops that have none within: that with most products, and of those that
  /// with most of all else.
  static InnerLoop of(LoopKernel kernel) {
    List<List<Statement>> bodies = new ArrayList<>();
    for (LoopKernel.Function function : kernel.functions()) {
      innermost(function.body(), bodies);
    }
    return bodies.stream()
        .map(InnerLoop::count)
        .max(Comparator.comparingInt(InnerLoop::products).thenComparingInt(InnerLoop::operations))
        .orElse(new InnerLoop(false, 0, 0, List.of(), 0, 0));
  }

  /// The operations of arithmetic, of which a core begins two at a time.
  int operations() {
    return products + simple + OPERATIONS * costly.size();
  }

  /// Collects the bodies of the loops that have no loop within; what has none at all is one.
  ///
  /// @return whether there is a loop among them
  private static boolean innermost(List<Statement> body, List<List<Statement>> bodies) {
    boolean loops = false;
    for (Statement statement : body) {
      loops |=
          switch (statement) {
            case Statement.For loop -> {
              if (!innermost(loop.body(), bodies)) {
                bodies.add(loop.body());
              }
              yield true;
            }
            case Statement.Share share -> innermost(share.body(), bodies);
            case Statement.If choice -> {
              boolean then = innermost(choice.then(), bodies);
              yield innermost(choice.otherwise(), bodies) || then;
            }
            case Statement.Int _,
                Statement.IntOf _,
                Statement.Let _,
                Statement.Assign _,
                Statement.Store _,
                Statement.Call _ ->
                false;
          };
    }
    return loops;
  }

  private static InnerLoop count(List<Statement> body) {
    List<Expr> all = new ArrayList<>();
    int stores = values(body, all);
    int products = 0;
    int simple = 0;
    int loads = 0;
    boolean vector = false;
    List<ScalarFn> costly = new ArrayList<>();
    for (Expr expr : all) {
      switch (expr) {
        case Expr.Apply(ScalarFn fn, var args) -> {
          if (fn == ScalarFn.FMA) {
            products++;
          } else if (isCostly(fn)) {
            costly.add(fn);
          } else {
            simple++;
          }
        }
        case Expr.Cast _, Expr.Head _ -> simple++;
        case Expr.JoinLanes _ -> {
          simple++;
          vector = true;
        }
        case Expr.Load _ -> loads++;
        case Expr.LoadVector _ -> {
          loads++;
          vector = true;
        }
        case Expr.Splat _ -> vector = true;
        case Expr.IndexValue value -> vector |= value.stride().isPresent();
        case Expr.Local _, Expr.Constant _, Expr.Bits _ -> {}
      }
    }
    return new InnerLoop(vector, products, simple, costly, loads, stores);
  }

  /// Collects what statements compute, with all parts.
  ///
  /// @return how often they store
  private static int values(List<Statement> body, List<Expr> all) {
    int stores = 0;
    for (Statement statement : body) {
      switch (statement) {
        case Statement.Let let -> parts(let.value()).forEach(all::add);
        case Statement.Assign assign -> parts(assign.value()).forEach(all::add);
        case Statement.IntOf of -> parts(of.value()).forEach(all::add);
        case Statement.Store store -> {
          parts(store.value()).forEach(all::add);
          stores++;
        }
        case Statement.If choice -> {
          parts(choice.condition()).forEach(all::add);
          stores += values(choice.then(), all) + values(choice.otherwise(), all);
        }
        case Statement.Share share -> stores += values(share.body(), all);
        case Statement.For loop -> stores += values(loop.body(), all);
        case Statement.Int _, Statement.Call _ -> {}
      }
    }
    return stores;
  }

  private static Stream<Expr> parts(Expr expr) {
    return Stream.concat(Stream.of(expr), expr.parts().stream().flatMap(InnerLoop::parts));
  }

  private static boolean isCostly(ScalarFn fn) {
    return switch (fn) {
      case ADD, SUB, MUL, MAX, MIN, FMA, NEG, ABS, SIGN, FLOOR, CEIL, ROUND, TRUNC -> false;
      case EQ, NE, LT, LE, IS_NAN, GT, GE, AND, OR, XOR, NOT, SHL, SHR, SELECT -> false;
      case DIV, REM, POW, ATAN2, SQRT, EXP, EXPM1, LOG, LOG1P -> true;
      case SIN, COS, TAN, ASIN, ACOS, ATAN, TANH, ERF, THREEFRY -> true;
    };
  }
}
