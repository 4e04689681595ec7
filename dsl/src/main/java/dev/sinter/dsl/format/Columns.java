package dev.sinter.dsl.format;

import dev.sinter.dsl.ast.Item;
import dev.sinter.dsl.ast.Name;
import dev.sinter.dsl.ast.TypeSyntax;
import java.util.ArrayList;
import java.util.List;

/// How wide the columns are in which neighbouring members, `param`s or `state`s stand.
///
/// @param names the width of the names, with the colon where there are types
/// @param types the width of the types; 0 where there are none
record Columns(int names, int types) {
  // One long name or type should not push all of its neighbours to the right edge.
  private static final int WIDEST = 24;

  private static final Columns NONE = new Columns(0, 0);

  /// The columns of each of `items`: a run of one kind, with no empty line and no comment in it,
  /// shares them.
  static List<Columns> of(List<? extends Item> items, ExprPrinter exprs, Comments comments) {
    List<Columns> columns = new ArrayList<>();
    int first = 0;
    while (first < items.size()) {
      int end = first + 1;
      while (end < items.size() && joined(items.get(end - 1), items.get(end), comments)) {
        end++;
      }
      Columns shared = NONE;
      for (Item item : items.subList(first, end)) {
        shared = shared.and(widths(item, exprs));
      }
      for (; first < end; first++) {
        columns.add(shared);
      }
    }
    return columns;
  }

  private static boolean joined(Item before, Item next, Comments comments) {
    boolean sameKind = before.getClass() == next.getClass() || (isMember(before) && isMember(next));
    return sameKind && !comments.splits(before.span().end(), next.span().start(), Heads.of(next));
  }

  private static boolean isMember(Item item) {
    return item instanceof Item.Member || item instanceof Item.SizeAlias;
  }

  private Columns and(Columns other) {
    return new Columns(Math.max(names, other.names), Math.max(types, other.types));
  }

  private static Columns widths(Item item, ExprPrinter exprs) {
    return switch (item) {
      case Item.Member i -> new Columns(width(i.name().text()), 0);
      case Item.SizeAlias i -> new Columns(width(i.name().text()), 0);
      case Item.Param i -> new Columns(width(i.name().text()) + 1, width(flat(i.type(), exprs)));
      case Item.State i -> new Columns(width(i.name().text()) + 1, width(flat(i.type(), exprs)));
      default -> NONE;
    };
  }

  private static int width(String text) {
    return text.length() <= WIDEST ? text.length() : 0;
  }

  /// `name`, filled up.
  String name(Name name) {
    return pad(name.text(), names);
  }

  /// `name: type`, filled up.
  Doc typed(Name name, TypeSyntax type, ExprPrinter exprs) {
    String written = flat(type, exprs);
    String gap = " ".repeat(Math.max(0, types - written.length()));
    return Doc.concat(
        Doc.text(pad(name.text() + ":", names) + " "), exprs.type(type), Doc.text(gap));
  }

  private static String pad(String text, int width) {
    return text + " ".repeat(Math.max(0, width - text.length()));
  }

  private static String flat(TypeSyntax type, ExprPrinter exprs) {
    return Layout.print(new Doc.Group(exprs.type(type)), 0);
  }
}
