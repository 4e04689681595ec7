package dev.sinter.dsl.format;

import static dev.sinter.dsl.format.Doc.EMPTY;
import static dev.sinter.dsl.format.Doc.HARD;
import static dev.sinter.dsl.format.Doc.LINE;
import static dev.sinter.dsl.format.Doc.concat;
import static dev.sinter.dsl.format.Doc.fill;
import static dev.sinter.dsl.format.Doc.group;
import static dev.sinter.dsl.format.Doc.nest;
import static dev.sinter.dsl.format.Doc.text;

import dev.sinter.dsl.ast.Body;
import dev.sinter.dsl.ast.Comment;
import dev.sinter.dsl.ast.Edit;
import dev.sinter.dsl.ast.Expr;
import dev.sinter.dsl.ast.Function;
import dev.sinter.dsl.ast.Item;
import dev.sinter.dsl.ast.Keys;
import dev.sinter.dsl.ast.Name;
import dev.sinter.dsl.ast.Path;
import dev.sinter.dsl.ast.Result;
import dev.sinter.dsl.ast.Statement;
import dev.sinter.ir.diagnostic.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Prints items and statements, each on lines of its own, with the comments before and behind it.
final class UnitPrinter {
  private final Comments comments;
  private final ExprPrinter exprs = new ExprPrinter(this::block);

  UnitPrinter(Comments comments) {
    this.comments = comments;
  }

  ExprPrinter exprs() {
    return exprs;
  }

  // ---- bodies ----

  /// What is printed on lines of its own between two braces.
  private interface Unit {
    Span span();

    /// Where the comments end that are moved before it: those behind stand in its own braces.
    int head();

    Doc print();
  }

  private record ItemUnit(UnitPrinter printer, Item item, Columns columns) implements Unit {
    @Override
    public Span span() {
      return item.span();
    }

    @Override
    public int head() {
      return Heads.of(item);
    }

    @Override
    public Doc print() {
      return printer.item(item, columns);
    }
  }

  private record StatementUnit(UnitPrinter printer, Statement statement) implements Unit {
    @Override
    public Span span() {
      return statement.span();
    }

    @Override
    public int head() {
      return Heads.of(statement.span());
    }

    @Override
    public Doc print() {
      return printer.statement(statement);
    }
  }

  Doc block(Body.Block block) {
    List<Unit> units = new ArrayList<>();
    block.statements().forEach(s -> units.add(new StatementUnit(this, s)));
    return braces(units, block.span().end());
  }

  /// `items` in braces, the last of which ends at `end`.
  Doc items(List<? extends Item> items, int end) {
    List<Columns> columns = Columns.of(items, exprs, comments);
    List<Unit> units = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      units.add(new ItemUnit(this, items.get(i), columns.get(i)));
    }
    return braces(units, end);
  }

  private Doc braces(List<Unit> units, int end) {
    List<Doc> lines = new ArrayList<>();
    int last = -1;
    for (int i = 0; i < units.size(); i++) {
      Unit unit = units.get(i);
      last = comments(comments.before(unit.head()), lines, last);
      separate(lines, last, unit.span().start());
      Doc doc = unit.print();
      int limit = i + 1 < units.size() ? units.get(i + 1).span().start() : end;
      lines.add(concat(doc, new Doc.Trailing(comments.trailing(unit.span().end(), limit))));
      last = unit.span().end();
    }
    comments(comments.before(end), lines, last);
    return lines.isEmpty()
        ? text("{}")
        : concat(text("{"), nest(2, HARD, new Doc.Concat(lines)), HARD, text("}"));
  }

  private int comments(List<Comment> found, List<Doc> lines, int last) {
    int end = last;
    for (Comment comment : found) {
      separate(lines, end, comment.span().start());
      lines.add(text(comment.text()));
      end = comment.span().end();
    }
    return end;
  }

  private void separate(List<Doc> lines, int last, int next) {
    if (!lines.isEmpty()) {
      lines.add(HARD);
      if (last >= 0 && comments.blankBetween(last, next)) {
        lines.add(HARD);
      }
    }
  }

  // ---- items ----

  private Doc item(Item item, Columns columns) {
    return switch (item) {
      case Item.Member i -> {
        Doc from = i.from() == null ? EMPTY : text(" from " + i.from().raw());
        yield concat(
            text(columns.name(i.name()) + " = "), exprs.assigned(i.value()), from, when(i.when()));
      }
      case Item.SizeAlias i ->
          concat(text(columns.name(i.name()) + " = "), exprs.assigned(i.value()));
      case Item.Param i ->
          concat(
              text("param "),
              columns.typed(i.name(), i.type(), exprs),
              text(" = "),
              exprs.print(i.initial()),
              when(i.when()));
      case Item.State i ->
          concat(
              text("state "),
              columns.typed(i.name(), i.type(), exprs),
              text(" = "),
              exprs.print(i.initial()),
              when(i.when()));
      case Item.Method i -> function(i.function());
      case Item.Data i ->
          concat(
              text("data "),
              exprs.fields(i.fields()),
              text(" batch " + i.batch() + " = "),
              exprs.print(i.size()));
      case Item.Step i -> {
        String name = i.name().text().isEmpty() ? "" : " " + i.name();
        Doc arguments = i.arguments().isEmpty() ? EMPTY : exprs.arguments(i.arguments(), List.of());
        yield concat(text("step" + name), arguments, text(" "), block(i.body()));
      }
      case Item.Metric i -> concat(text("metric " + i.name() + " = "), exprs.assigned(i.value()));
      case Item.Setting i -> concat(text(i.word() + " "), exprs.print(i.value()));
      case Keys i -> keys(i);
      case Edit i -> edit(i);
    };
  }

  Doc edit(Edit edit) {
    return switch (edit) {
      case Edit.Change e -> concat(text(e.verb() + " "), paths(e.paths()), with(e.with()));
      case Edit.Rename e ->
          concat(text("rename " + e.from().raw() + " -> " + e.to().raw()), with(e.with()));
      case Edit.Limit e -> text("limit " + e.what() + " " + e.amount().text() + " " + e.unit());
      case Edit.Bound e -> text("limit " + e.size() + " " + e.most().text());
      case Edit.Check e -> text("check " + e.what());
    };
  }

  private Doc with(@Nullable Expr expr) {
    return expr == null ? EMPTY : nest(4, group(LINE, text("with "), exprs.print(expr)));
  }

  private Doc when(@Nullable Expr expr) {
    return expr == null ? EMPTY : nest(4, group(LINE, text("when "), exprs.print(expr)));
  }

  private static Doc keys(Keys keys) {
    return text("key " + keys.names().stream().map(Name::text).collect(Collectors.joining(", ")));
  }

  Doc function(Function function) {
    String name = function.isCall() ? "fn " : "fn " + function.name();
    return concat(
        text(name),
        exprs.fields(function.params()),
        signature(function.result(), function.facts()),
        body(function.body()));
  }

  /// ` -> result where (facts)`.
  Doc signature(Result result, List<Expr> facts) {
    Doc given =
        switch (result) {
          case Result.Single single -> exprs.type(single.type());
          case Result.Named named -> exprs.fields(named.fields());
        };
    return nest(4, group(LINE, text("-> "), given), exprs.facts(facts));
  }

  Doc body(Body body) {
    return switch (body) {
      case Body.Single single ->
          concat(text(" ="), nest(2, group(LINE, exprs.print(single.value()))));
      case Body.Block block -> concat(text(" "), block(block));
    };
  }

  // ---- statements ----

  private Doc statement(Statement statement) {
    return switch (statement) {
      case Statement.TypedLet s ->
          concat(
              text(s.name() + ": "), exprs.type(s.type()), text(" = "), exprs.assigned(s.value()));
      case Statement.Let s -> {
        String names = s.names().stream().map(Name::text).collect(Collectors.joining(", "));
        yield concat(text(names + " = "), exprs.assigned(s.value()));
      }
      case Statement.IndexLet s ->
          concat(
              ExprPrinter.brackets(
                  s.name() + "[", s.axes().stream().map(exprs::axis).toList(), "] = "),
              exprs.assigned(s.value()));
      case Statement.SizeLet s ->
          concat(
              text(s.name() + " <= "),
              exprs.print(s.most()),
              text(" = "),
              exprs.assigned(s.value()));
      case Statement.Next s ->
          concat(text("next " + s.name() + " = "), exprs.assigned(s.value()), when(s.when()));
      case Statement.Emit s -> concat(text("emit "), exprs.assigned(s.value()));
      case Statement.Return s -> concat(text("return "), exprs.assigned(s.value()));
      case Statement.Minimize s -> {
        List<Doc> overs = new ArrayList<>();
        for (Statement.Over over : s.overs()) {
          Doc with = concat(text(" with "), exprs.print(over.optimizer()));
          overs.add(concat(LINE, text("over "), paths(over.paths()), with));
        }
        yield group(text("minimize "), exprs.print(s.loss()), nest(2, new Doc.Concat(overs)));
      }
      case Keys s -> keys(s);
    };
  }

  private static Doc paths(List<Path> paths) {
    return new Doc.Align(fill(paths.stream().map(p -> text(path(p))).toList(), ","));
  }

  private static String path(Path path) {
    StringBuilder out = new StringBuilder();
    for (Path.Part part : path.parts()) {
      boolean bracket = part instanceof Path.Part.Index || part instanceof Path.Part.EachIndex;
      out.append(out.isEmpty() || bracket ? "" : ".");
      out.append(
          switch (part) {
            case Path.Part.Member member -> member.name().text();
            case Path.Part.Each each -> "*";
            case Path.Part.Deep deep -> "**";
            case Path.Part.Index index ->
                "[" + index.first() + (index.last() == null ? "" : ".." + index.last()) + "]";
            case Path.Part.EachIndex each -> "[*]";
          });
    }
    return out.toString();
  }
}
