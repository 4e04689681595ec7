package dev.sinter.dsl.parse;

import dev.sinter.dsl.ast.Argument;
import dev.sinter.dsl.ast.Axis;
import dev.sinter.dsl.ast.BinaryOperator;
import dev.sinter.dsl.ast.Expr;
import dev.sinter.dsl.ast.Name;
import dev.sinter.dsl.ast.Range;
import dev.sinter.dsl.ast.StringLiteral;
import dev.sinter.dsl.ast.UnaryOperator;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import java.util.ArrayList;
import java.util.List;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.tree.ParseTree;
import org.antlr.v4.runtime.tree.TerminalNode;

/// Builds operators, calls and arguments; [PrimaryBuilder] builds what they are made of.
final class ExprBuilder {
  private final Tree tree;
  private final TypeBuilder types;
  private final StatementBuilder statements;
  private final PrimaryBuilder primaries;
  private final LiteralBuilder literals;

  ExprBuilder(Tree tree) {
    this.tree = tree;
    this.types = new TypeBuilder(tree, this);
    this.statements = new StatementBuilder(tree, this);
    this.literals = new LiteralBuilder(tree);
    this.primaries = new PrimaryBuilder(tree, this);
  }

  TypeBuilder types() {
    return types;
  }

  StatementBuilder statements() {
    return statements;
  }

  StringLiteral string(TerminalNode node) {
    return literals.string(node);
  }

  Expr.Numeral number(SinterParser.NumberContext context) {
    return literals.number(context);
  }

  long integer(Token token) {
    return literals.integer(token);
  }

  List<Expr> all(List<SinterParser.ExprContext> contexts) {
    return contexts.stream().map(this::build).toList();
  }

  Expr build(SinterParser.ExprContext context) {
    return switch (context) {
      case SinterParser.IfContext c ->
          new Expr.If(build(c.expr()), arm(c.arm(0)), arm(c.arm(1)), tree.span(c));
      case SinterParser.SimpleContext c -> pipe(c.pipe());
      default ->
          throw new CompilerBug("parser", "no builder for " + context.getClass().getSimpleName());
    };
  }

  private Expr arm(SinterParser.ArmContext context) {
    return context.expr() == null
        ? new Expr.Block(statements.block(context.block()))
        : build(context.expr());
  }

  private Expr pipe(SinterParser.PipeContext context) {
    List<Expr> stages = context.coerce().stream().map(this::coerce).toList();
    return stages.size() == 1 ? stages.getFirst() : new Expr.Pipe(stages, tree.span(context));
  }

  private Expr coerce(SinterParser.CoerceContext context) {
    Expr value = or(context.or());
    return context.type() == null
        ? value
        : new Expr.Coerce(value, types.build(context.type()), tree.span(context));
  }

  private Expr or(SinterParser.OrContext context) {
    return chain(context, context.and().stream().map(this::and).toList());
  }

  private Expr and(SinterParser.AndContext context) {
    return chain(context, context.not().stream().map(this::not).toList());
  }

  private Expr not(SinterParser.NotContext context) {
    return context.compare() != null
        ? compare(context.compare())
        : new Expr.Unary(UnaryOperator.NOT, not(context.not()), tree.span(context));
  }

  private Expr compare(SinterParser.CompareContext context) {
    if (context.sum().size() > 2) {
      tree.report(
          DiagnosticCode.CHAINED_COMPARISON,
          tree.span((TerminalNode) context.getChild(3)),
          "a comparison gives a truth, which is not compared again",
          "write `a < b and b < c`");
    }
    return chain(context, context.sum().stream().map(this::sum).toList());
  }

  private Expr sum(SinterParser.SumContext context) {
    return chain(context, context.product().stream().map(this::product).toList());
  }

  private Expr product(SinterParser.ProductContext context) {
    return chain(context, context.unary().stream().map(this::unary).toList());
  }

  private Expr unary(SinterParser.UnaryContext context) {
    return context.power() != null
        ? power(context.power())
        : new Expr.Unary(UnaryOperator.NEGATE, unary(context.unary()), tree.span(context));
  }

  private Expr power(SinterParser.PowerContext context) {
    Expr base = primaries.postfix(context.postfix());
    return context.unary() == null ? base : chain(context, List.of(base, unary(context.unary())));
  }

  // The operators are the children between the operands.
  private Expr chain(ParserRuleContext context, List<Expr> operands) {
    if (operands.size() == 1) {
      return operands.getFirst();
    }
    List<Expr.Link> links = new ArrayList<>();
    for (int i = 1; i < operands.size(); i++) {
      ParseTree sign = context.getChild(2 * i - 1);
      BinaryOperator operator = BinaryOperator.of(sign.getText());
      links.add(new Expr.Link(operator, operands.get(i), tree.span((TerminalNode) sign)));
    }
    return new Expr.Chain(operands.getFirst(), links, tree.span(context));
  }

  Expr.Instance instance(SinterParser.InstanceContext context) {
    return new Expr.Instance(
        tree.name(context.TYPE()),
        context.sizes() == null ? null : types.sizes(context.sizes()),
        context.args() == null ? null : arguments(context.args()),
        tree.span(context));
  }

  List<Argument> arguments(SinterParser.ArgsContext context) {
    return context.arg().stream().map(this::argument).toList();
  }

  private Argument argument(SinterParser.ArgContext context) {
    Name name = context.name() == null ? null : tree.name(context.name());
    return new Argument(name, build(context.expr()), tree.span(context));
  }

  List<Axis> axes(List<SinterParser.AxisContext> contexts) {
    return contexts.stream().map(this::axis).toList();
  }

  private Axis axis(SinterParser.AxisContext context) {
    Name name = tree.name(context.name());
    if (context.expr().isEmpty() && context.RANGE() != null) {
      return new Axis.Rest(name, tree.span(context));
    }
    if (context.expr().isEmpty()) {
      return new Axis.Single(name, null, tree.span(context));
    }
    Expr from = build(context.expr(0));
    Expr to = build(context.expr(1));
    return new Axis.Single(
        name, new Range(from, to, from.span().to(to.span())), tree.span(context));
  }
}
