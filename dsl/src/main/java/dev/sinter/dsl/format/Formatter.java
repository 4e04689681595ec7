package dev.sinter.dsl.format;

import static dev.sinter.dsl.format.Doc.concat;
import static dev.sinter.dsl.format.Doc.text;

import dev.sinter.dsl.ast.Comment;
import dev.sinter.dsl.ast.Definition;
import dev.sinter.dsl.ast.Expr;
import dev.sinter.dsl.ast.Field;
import dev.sinter.dsl.ast.Import;
import dev.sinter.dsl.ast.Name;
import dev.sinter.dsl.ast.SourceFile;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// Prints a file in its one canonical form: 100 columns, two spaces, members in columns, comments
/// kept.
///
/// A comment inside of an expression moves before the item or statement that it is in. Printing
/// what was printed changes nothing.
public final class Formatter {
  private final SourceFile file;
  private final Comments comments;
  private final UnitPrinter units;
  private final StringBuilder out = new StringBuilder();

  private Formatter(SourceFile file) {
    this.file = file;
    this.comments = new Comments(file.source(), file.comments());
    this.units = new UnitPrinter(comments);
  }

  /// The text of `file`, which ends in a line break unless it is empty.
  public static String format(SourceFile file) {
    return new Formatter(file).format();
  }

  /// Lines that stand together, and whether an empty line parts them from others.
  private record Entry(String text, int start, int end, boolean definition) {
    boolean tall() {
      return definition && text.indexOf('\n') >= 0;
    }
  }

  private String format() {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < file.imports().size(); i++) {
      Import imported = file.imports().get(i);
      leading(imported.span().end(), entries);
      int limit =
          i + 1 < file.imports().size()
              ? file.imports().get(i + 1).span().start()
              : firstDefinition();
      String behind = comments.trailing(imported.span().end(), limit);
      add(
          entries,
          print(importOf(imported)) + behind,
          imported.span().start(),
          imported.span().end(),
          false);
    }
    List<Definition> definitions = file.definitions();
    for (int i = 0; i < definitions.size(); i++) {
      Definition definition = definitions.get(i);
      leading(head(definition), entries);
      String body = print(definition(definition));
      int end = definition.span().end();
      int limit =
          i + 1 < definitions.size() ? definitions.get(i + 1).span().start() : Integer.MAX_VALUE;
      add(entries, body + comments.trailing(end, limit), definition.span().start(), end, true);
    }
    leading(Integer.MAX_VALUE, entries);
    join(entries);
    return out.toString();
  }

  private int firstDefinition() {
    return file.definitions().isEmpty()
        ? Integer.MAX_VALUE
        : file.definitions().getFirst().span().start();
  }

  private void leading(int before, List<Entry> entries) {
    for (Comment comment : comments.before(before)) {
      add(entries, comment.text(), comment.span().start(), comment.span().end(), false);
    }
  }

  private static void add(
      List<Entry> entries, String text, int start, int end, boolean definition) {
    entries.add(new Entry(text, start, end, definition));
  }

  // An empty line stands where one stood, around definitions of several lines, and behind the
  // imports. The comments
  // right above a definition belong to it.
  private void join(List<Entry> entries) {
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      if (i > 0) {
        Entry before = entries.get(i - 1);
        boolean blank =
            comments.blankBetween(before.end(), entry.start())
                || before.tall()
                || (before.definition() && leadsToTall(entries, i));
        out.append(blank || endsImports(before, entry) ? "\n\n" : "\n");
      }
      out.append(entry.text());
    }
    if (!entries.isEmpty()) {
      out.append('\n');
    }
  }

  private boolean endsImports(Entry before, Entry entry) {
    if (file.imports().isEmpty()) {
      return false;
    }
    int last = file.imports().getLast().span().start();
    return before.start() == last && entry.start() != last;
  }

  private boolean leadsToTall(List<Entry> entries, int from) {
    for (int i = from; i < entries.size(); i++) {
      if (entries.get(i).definition()) {
        return entries.get(i).tall();
      }
      boolean apart =
          i + 1 < entries.size()
              && comments.blankBetween(entries.get(i).end(), entries.get(i + 1).start());
      if (apart) {
        return false;
      }
    }
    return false;
  }

  private static String print(Doc doc) {
    return Layout.print(doc, 0);
  }

  private static Doc importOf(Import imported) {
    String path = imported.path().stream().map(Name::text).collect(Collectors.joining("."));
    List<Doc> names = imported.names().stream().map(n -> text(n.text())).toList();
    return ExprPrinter.brackets("import " + path + ".{", names, "}");
  }

  private static int head(Definition definition) {
    return switch (definition) {
      case Definition.TopFunction d -> Heads.of(d.function().body(), d.span());
      case Definition.Gradient d -> Heads.of(d.body(), d.span());
      case Definition.Module d -> brace(d);
      case Definition.Model d -> brace(d);
      case Definition.DerivedModel d -> brace(d);
      case Definition.Optimizer d -> brace(d);
      case Definition.Train d -> brace(d);
    };
  }

  // The header of a definition may hold axis patterns only in defaults, which nobody writes; a
  // comment behind one
  // would move into the braces, and be kept.
  private static int brace(Definition definition) {
    return definition.span().start() + definition.span().text().indexOf('{');
  }

  private Doc definition(Definition definition) {
    int end = definition.span().end();
    return switch (definition) {
      case Definition.Module d -> {
        Doc sizes = d.sizes() == null ? Doc.EMPTY : units.exprs().sizes(d.sizes());
        yield concat(
            text("module " + d.name()),
            sizes,
            params(d.params()),
            facts(d.facts()),
            units.items(d.items(), end));
      }
      case Definition.Model d ->
          concat(
              text("model " + d.name()),
              params(d.params()),
              facts(d.facts()),
              units.items(d.items(), end));
      case Definition.DerivedModel d ->
          concat(
              text("model " + d.name() + " from "),
              units.exprs().instance(d.base()),
              text(" "),
              units.items(d.edits(), end));
      case Definition.Optimizer d ->
          concat(
              text("optimizer " + d.name()),
              params(d.params()),
              text(" "),
              units.items(d.items(), end));
      case Definition.Train d ->
          concat(
              text("train " + d.name()),
              params(d.params()),
              text(" "),
              units.items(d.items(), end));
      case Definition.TopFunction d -> units.function(d.function());
      case Definition.Gradient d ->
          concat(
              text("gradient of " + d.name()),
              units.exprs().fields(d.params()),
              units.signature(d.result(), List.of()),
              units.body(d.body()));
    };
  }

  private Doc params(List<Field> params) {
    return params.isEmpty() ? Doc.EMPTY : units.exprs().fields(params);
  }

  private Doc facts(List<Expr> facts) {
    return concat(Doc.nest(4, units.exprs().facts(facts)), text(" "));
  }
}
