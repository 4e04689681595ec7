package dev.sinter.codegen.java;

/// A compilation unit.
///
/// @param className the binary name of its top-level class
/// @param text the source
public record SourceFile(String className, String text) {
  /// Where the file lies below a source root: `a/b/C.java`.
  public String path() {
    return className.replace('.', '/') + ".java";
  }
}
