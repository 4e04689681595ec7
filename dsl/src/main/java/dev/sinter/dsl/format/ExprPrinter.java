package dev.sinter.dsl.format;

import static dev.sinter.dsl.format.Doc.LINE;
import static dev.sinter.dsl.format.Doc.align;
import static dev.sinter.dsl.format.Doc.concat;
import static dev.sinter.dsl.format.Doc.fill;
import static dev.sinter.dsl.format.Doc.group;
import static dev.sinter.dsl.format.Doc.nest;
import static dev.sinter.dsl.format.Doc.text;

import dev.sinter.dsl.ast.Argument;
import dev.sinter.dsl.ast.Axes;
import dev.sinter.dsl.ast.Axis;
import dev.sinter.dsl.ast.BinaryOperator;
import dev.sinter.dsl.ast.Body;
import dev.sinter.dsl.ast.DimSyntax;
import dev.sinter.dsl.ast.Expr;
import dev.sinter.dsl.ast.Field;
import dev.sinter.dsl.ast.Loop;
import dev.sinter.dsl.ast.Sizes;
import dev.sinter.dsl.ast.Subscript;
import dev.sinter.dsl.ast.TypeSyntax;
import dev.sinter.dsl.ast.UnaryOperator;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Prints expressions and types.
final class ExprPrinter {
  private final Function<Body.Block, Doc> blocks;

  /// @param blocks prints the body of a loop
  ExprPrinter(Function<Body.Block, Doc> blocks) {
    this.blocks = blocks;
  }

  /// `expr` after `name = `, where the stages of a pipeline stand below each other.
  Doc assigned(Expr expr) {
    return expr instanceof Expr.Pipe pipe ? align(nest(-3, pipe(pipe))) : print(expr);
  }

  Doc print(Expr expr) {
    return switch (expr) {
      case Expr.If e -> {
        Doc head = concat(text("if "), print(e.condition()), text(" then "), print(e.then()));
        yield align(group(head, LINE, text("else "), print(e.otherwise())));
      }
      case Expr.Block e -> blocks.apply(e.body());
      case Expr.Pipe e -> align(nest(2, pipe(e)));
      case Expr.Coerce e -> concat(print(e.value()), text(" :> "), type(e.type()));
      case Expr.Chain e -> chain(e);
      case Expr.Unary e -> {
        String sign = e.operator() == UnaryOperator.NOT ? "not " : e.operator().sign();
        yield concat(text(sign), print(e.operand()));
      }
      case Expr.Call e -> concat(print(e.callee()), arguments(e.arguments(), e.over()));
      case Expr.Select e -> concat(print(e.value()), text("." + e.name()));
      case Expr.Index e ->
          concat(
              print(e.value()),
              brackets("[", e.subscripts().stream().map(this::subscript).toList(), "]"));
      case Expr.Instance e -> instance(e);
      case Expr.Numeral e -> text(e.text());
      case Expr.Text e -> text(e.literal().raw());
      case Expr.Truth e -> text(Boolean.toString(e.value()));
      case Expr.DtypeName e -> text(e.name().text());
      case Expr.Named e -> text(e.name().text());
      case Expr.WithAxes e -> text(e.name() + axes(e.axes()));
      case Expr.Parens e -> concat(text("("), align(print(e.value())), text(")"));
      case Expr.Tuple e -> brackets("(", all(e.values()), ")");
      case Expr.ListOf e -> brackets("[", all(e.values()), "]");
      case Expr.Comprehension e ->
          concat(
              text("["),
              align(group(print(e.value()), LINE, text("for "), each(e.each()))),
              text("]"));
      case Expr.Scan e ->
          concat(
              brackets("scan (", e.eaches().stream().map(this::each).toList(), ")"),
              carries(e.carries()),
              blocks.apply(e.body()));
      case Expr.While e -> {
        List<Doc> parts = new ArrayList<>(List.of(print(e.condition())));
        if (e.bound() != null) {
          parts.add(argument(e.bound()));
        }
        yield concat(brackets("while (", parts, ")"), carries(e.carries()), blocks.apply(e.body()));
      }
    };
  }

  List<Doc> all(List<Expr> exprs) {
    return exprs.stream().map(this::print).toList();
  }

  private Doc pipe(Expr.Pipe pipe) {
    List<Doc> stages = new ArrayList<>(List.of(align(print(pipe.stages().getFirst()))));
    for (Expr stage : pipe.stages().subList(1, pipe.stages().size())) {
      stages.add(group(LINE, text("|> "), align(print(stage))));
    }
    return new Doc.Concat(stages);
  }

  private Doc chain(Expr.Chain chain) {
    List<Doc> parts = new ArrayList<>(List.of(print(chain.first())));
    for (Expr.Link link : chain.rest()) {
      Doc sign = text(link.operator().sign() + " ");
      Doc operand = concat(sign, print(link.operand()));
      boolean tight = link.operator() == BinaryOperator.POWER;
      parts.add(tight ? concat(text(" "), operand) : group(LINE, operand));
    }
    return align(nest(2, new Doc.Concat(parts)));
  }

  Doc instance(Expr.Instance instance) {
    List<Doc> parts = new ArrayList<>(List.of(text(instance.name().text())));
    if (instance.sizes() != null) {
      parts.add(sizes(instance.sizes()));
    }
    if (instance.arguments() != null) {
      parts.add(arguments(instance.arguments(), List.of()));
    }
    return new Doc.Concat(parts);
  }

  Doc arguments(List<Argument> arguments, List<Axis> over) {
    List<Doc> parts = new ArrayList<>(arguments.stream().map(this::argument).toList());
    if (over.isEmpty()) {
      return brackets("(", parts, ")");
    }
    Doc axes = concat(text("for "), fill(over.stream().map(this::axis).toList(), ","));
    return concat(text("("), align(group(fill(parts, ","), LINE, axes)), text(")"));
  }

  private Doc argument(Argument argument) {
    return argument.name() == null
        ? print(argument.value())
        : concat(text(argument.name() + " = "), print(argument.value()));
  }

  private Doc carries(List<Loop.Carry> carries) {
    if (carries.isEmpty()) {
      return text(" ");
    }
    List<Doc> parts =
        carries.stream().map(c -> concat(text(c.name() + " = "), print(c.initial()))).toList();
    return concat(brackets(" with (", parts, ") "));
  }

  private Doc each(Loop.Each each) {
    Doc from = concat(text(each.name() + " in "), print(each.from()));
    return each.to() == null ? from : concat(from, text(".."), print(each.to()));
  }

  Doc axis(Axis axis) {
    return switch (axis) {
      case Axis.Rest rest -> text(".." + rest.name());
      case Axis.Single single ->
          single.range() == null
              ? text(single.name().text())
              : concat(
                  text(single.name() + " in "),
                  print(single.range().from()),
                  text(".."),
                  print(single.range().to()));
    };
  }

  private Doc subscript(Subscript subscript) {
    return switch (subscript) {
      case Subscript.All all -> text(":");
      case Subscript.Rest rest -> text(rest.name() == null ? ".." : ".." + rest.name());
      case Subscript.At at -> print(at.place());
      case Subscript.Slice slice -> concat(print(slice.from()), text(".."), print(slice.to()));
    };
  }

  /// `open`, `parts` filled below each other, `close`.
  static Doc brackets(String open, List<Doc> parts, String close) {
    return concat(text(open), align(fill(parts, ",")), text(close));
  }

  private static String axes(Axes axes) {
    String from = axes.from().stream().map(ExprPrinter::terms).collect(Collectors.joining(", "));
    String to = terms(axes.to());
    String arrow = (from.isEmpty() ? "" : from + " ") + "->" + (to.isEmpty() ? "" : " " + to);
    return "{" + arrow + "}";
  }

  private static String terms(List<Axes.Term> terms) {
    return terms.stream().map(ExprPrinter::term).collect(Collectors.joining(" "));
  }

  private static String term(Axes.Term term) {
    return switch (term) {
      case Axes.Term.Single single -> single.name().text();
      case Axes.Term.Rest rest -> ".." + rest.name();
      case Axes.Term.Size size -> size.span().text();
      case Axes.Term.Group group -> "(" + terms(group.terms()) + ")";
    };
  }

  // ---- types ----

  Doc type(TypeSyntax type) {
    return switch (type) {
      case TypeSyntax.Tensor t -> concat(text(t.dtype().text()), dims(t.dims()));
      case TypeSyntax.Named t ->
          t.sizes() == null
              ? text(t.name().text())
              : concat(text(t.name().text()), sizes(t.sizes()));
      case TypeSyntax.ListOf t -> concat(text("["), type(t.element()), text("]"));
      case TypeSyntax.FunctionType t -> text("fn");
      case TypeSyntax.Static t -> text(t.name().text());
    };
  }

  Doc sizes(Sizes sizes) {
    List<Doc> from = sizes.from().stream().map(this::dim).toList();
    if (sizes.to() == null) {
      return brackets("[", from, "]");
    }
    List<Doc> to = sizes.to().stream().map(this::dim).toList();
    return concat(text("["), align(fill(from, ","), text(" -> "), fill(to, ",")), text("]"));
  }

  private Doc dims(List<DimSyntax> dims) {
    return brackets("[", dims.stream().map(this::dim).toList(), "]");
  }

  private Doc dim(DimSyntax dim) {
    return switch (dim) {
      case DimSyntax.Rest rest -> text(".." + rest.name());
      case DimSyntax.Single single -> print(single.size());
    };
  }

  Doc fields(List<Field> fields) {
    return brackets("(", fields.stream().map(this::field).toList(), ")");
  }

  private Doc field(Field field) {
    Doc typed = concat(text(field.name() + ": "), type(field.type()));
    return field.value() == null ? typed : concat(typed, text(" = "), print(field.value()));
  }

  /// ` where (facts)` on a line of its own if it does not fit; nothing where there are none.
  Doc facts(List<Expr> facts) {
    return facts.isEmpty()
        ? Doc.EMPTY
        : group(LINE, text("where "), brackets("(", all(facts), ")"));
  }
}
