package dev.sinter.dsl.parse;

import dev.sinter.dsl.ast.Argument;
import dev.sinter.dsl.ast.Axes;
import dev.sinter.dsl.ast.Body;
import dev.sinter.dsl.ast.Expr;
import dev.sinter.dsl.ast.Loop;
import dev.sinter.dsl.ast.Name;
import dev.sinter.dsl.ast.Subscript;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.diagnostic.Span;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Builds what operators are applied to: literals, names, lists, loops, and the calls and brackets
/// after them.
final class PrimaryBuilder {
  // Each suffix is one level of the tree; 64 calls in a row are no model.
  private static final int MAX_SUFFIXES = 64;

  private final Tree tree;
  private final ExprBuilder exprs;

  PrimaryBuilder(Tree tree, ExprBuilder exprs) {
    this.tree = tree;
    this.exprs = exprs;
  }

  Expr postfix(SinterParser.PostfixContext context) {
    if (context.instance() != null) {
      return exprs.instance(context.instance());
    }
    Expr value = primary(context.primary());
    if (context.suffix().size() > MAX_SUFFIXES) {
      throw new DiagnosticException(
          Diagnostic.error(
              DiagnosticCode.NESTED_TOO_DEEPLY,
              value.span(),
              "more than " + MAX_SUFFIXES + " calls, members and brackets follow this"));
    }
    for (SinterParser.SuffixContext suffix : context.suffix()) {
      Span span = value.span().to(tree.span(suffix));
      if (suffix.args() != null) {
        List<Argument> arguments = exprs.arguments(suffix.args());
        value = new Expr.Call(value, arguments, exprs.axes(suffix.args().axis()), span);
      } else if (suffix.name() != null) {
        value = new Expr.Select(value, tree.name(suffix.name()), span);
      } else {
        value = new Expr.Index(value, suffix.index().stream().map(this::subscript).toList(), span);
      }
    }
    return value;
  }

  private Expr primary(SinterParser.PrimaryContext context) {
    Span span = tree.span(context);
    return switch (context) {
      case SinterParser.NumeralContext c -> exprs.number(c.number());
      case SinterParser.TextContext c -> new Expr.Text(exprs.string(c.STRING()));
      case SinterParser.TruthContext c -> new Expr.Truth(c.getText().equals("true"), span);
      case SinterParser.CastContext c -> new Expr.DtypeName(tree.name(c.getStart()));
      case SinterParser.NamedContext c -> {
        Name name = tree.name(c.name());
        yield c.axes() == null
            ? new Expr.Named(name)
            : new Expr.WithAxes(name, axes(c.axes()), span);
      }
      case SinterParser.GroupOrTupleContext c -> {
        List<Expr> values = exprs.all(c.expr());
        yield values.size() == 1
            ? new Expr.Parens(values.getFirst(), span)
            : new Expr.Tuple(values, span);
      }
      case SinterParser.ListOrComprehensionContext c -> {
        List<Expr> values = exprs.all(c.expr());
        yield c.each() == null
            ? new Expr.ListOf(values, span)
            : new Expr.Comprehension(values.getFirst(), each(c.each()), span);
      }
      case SinterParser.ScanContext c ->
          new Expr.Scan(
              c.each().stream().map(this::each).toList(),
              c.carry() == null ? List.of() : carries(c.carry()),
              body(c.block()),
              span);
      case SinterParser.WhileContext c ->
          new Expr.While(
              exprs.build(c.expr(0)), bound(c), carries(c.carry()), body(c.block()), span);
      default ->
          throw new CompilerBug("parser", "no builder for " + context.getClass().getSimpleName());
    };
  }

  private @Nullable Argument bound(SinterParser.WhileContext context) {
    if (context.name() == null) {
      return null;
    }
    Name name = tree.name(context.name());
    Expr value = exprs.build(context.expr(1));
    return new Argument(name, value, name.span().to(value.span()));
  }

  private Body.Block body(SinterParser.BlockContext context) {
    return exprs.statements().block(context);
  }

  private List<Loop.Carry> carries(SinterParser.CarryContext context) {
    return context.initial().stream()
        .map(c -> new Loop.Carry(tree.name(c.name()), exprs.build(c.expr()), tree.span(c)))
        .toList();
  }

  private Loop.Each each(SinterParser.EachContext context) {
    Expr to = context.expr().size() < 2 ? null : exprs.build(context.expr(1));
    return new Loop.Each(
        tree.name(context.name()), exprs.build(context.expr(0)), to, tree.span(context));
  }

  private Subscript subscript(SinterParser.IndexContext context) {
    Span span = tree.span(context);
    if (context.COLON() != null) {
      return new Subscript.All(span);
    }
    if (context.expr().isEmpty()) {
      return new Subscript.Rest(context.name() == null ? null : tree.name(context.name()), span);
    }
    Expr first = exprs.build(context.expr(0));
    return context.expr().size() < 2
        ? new Subscript.At(first)
        : new Subscript.Slice(first, exprs.build(context.expr(1)), span);
  }

  private Axes axes(SinterParser.AxesContext context) {
    List<List<Axes.Term>> lists =
        context.axisList().stream().map(l -> terms(l.axisTerm())).toList();
    return new Axes(lists.subList(0, lists.size() - 1), lists.getLast(), tree.span(context));
  }

  private List<Axes.Term> terms(List<SinterParser.AxisTermContext> contexts) {
    return contexts.stream().map(this::term).toList();
  }

  private Axes.Term term(SinterParser.AxisTermContext context) {
    Span span = tree.span(context);
    if (context.LPAREN() != null) {
      return new Axes.Term.Group(terms(context.axisTerm()), span);
    }
    if (context.INT() != null) {
      return new Axes.Term.Size(exprs.integer(context.getStart()), span);
    }
    Name name = tree.name(context.name());
    return context.RANGE() != null ? new Axes.Term.Rest(name, span) : new Axes.Term.Single(name);
  }
}
