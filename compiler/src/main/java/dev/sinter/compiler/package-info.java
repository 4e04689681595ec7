/// The facade that joins the stages.
package dev.sinter.compiler;
