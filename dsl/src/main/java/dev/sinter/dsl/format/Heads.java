package dev.sinter.dsl.format;

import dev.sinter.dsl.ast.Body;
import dev.sinter.dsl.ast.Item;
import dev.sinter.ir.diagnostic.Span;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where the part of an item or statement ends that stands before its first braces.
///
/// Comments in that part move before it; those in its braces stay there.
final class Heads {
  // Only a loop has braces behind a parenthesis, and an arm behind its word; an axis pattern has a
  // name there.
  private static final Pattern BLOCK = Pattern.compile("(\\)|\\b(then|else))\\s*\\{");

  private Heads() {}

  static int of(Item item) {
    return switch (item) {
      case Item.Method method -> of(method.function().body(), item.span());
      case Item.Step step -> step.body().span().start();
      default -> of(item.span());
    };
  }

  /// The head of a definition or function with this body.
  static int of(Body body, Span whole) {
    return body instanceof Body.Block block ? block.span().start() : of(whole);
  }

  static int of(Span span) {
    Matcher matcher = BLOCK.matcher(span.text());
    return matcher.find() ? span.start() + matcher.start() : span.end();
  }
}
