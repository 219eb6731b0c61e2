import { svg, type SVGTemplateResult } from 'lit-html'

/** One set: a box of 20, strokes of 1.75 with round ends. */
const icon = (paths: SVGTemplateResult) =>
  svg`<svg class="icon" viewBox="0 0 20 20" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${paths}</svg>`

export const icons = {
  back: icon(svg`<path d="M12 5l-5 5 5 5" />`),
  close: icon(svg`<path d="M5 5l10 10M15 5L5 15" />`),
  copy: icon(
    svg`<rect x="7" y="7" width="9.500" height="9.500" rx="2" /><path d="M13 4.500A1.500 1.500 0 0 0 11.500 3H5a2 2 0 0 0-2 2v6.500A1.500 1.500 0 0 0 4.500 13" />`,
  ),
  find: icon(svg`<circle cx="9" cy="9" r="5" /><path d="M16.500 16.500L13 13" />`),
  overview: icon(
    svg`<rect x="3" y="3" width="6" height="6" rx="1.500" /><rect x="11" y="3" width="6" height="6" rx="1.500" /><rect x="3" y="11" width="6" height="6" rx="1.500" /><rect x="11" y="11" width="6" height="6" rx="1.500" />`,
  ),
  pause: icon(svg`<path d="M7.500 5v10M12.500 5v10" />`),
  play: icon(svg`<path d="M7 4.500v11l8-5.500z" />`),
  remove: icon(svg`<path d="M6.500 6.500l7 7M13.500 6.500l-7 7" />`),
  send: icon(svg`<path d="M10 16V4M5 9l5-5 5 5" />`),
  next: icon(svg`<path d="M8 5l5 5-5 5" />`),
  into: icon(svg`<path d="M10 16V4M5.500 8.500L10 4l4.500 4.500" />`),
  out: icon(svg`<path d="M10 4v12M5.500 11.500L10 16l4.500-4.500" />`),
}
