// The meter: how many of the characters that AWS counts the text has, and how many it may have.
import { sizeOf } from "./policy_context.js";

const number = new Intl.NumberFormat("en-US");

export function sizeState({ most, near, others }, size) {
  const total = size + others;
  return { total, over: Math.max(0, total - most), isNear: total > near && total <= most };
}

// AWS Organizations counts all characters of a policy, IAM all but white space.
export function counted(text, quota) {
  return quota.white_space ? [...text].length : sizeOf(text);
}

export function watchSize(editor) {
  const { quota } = editor.config;
  const meter = document.getElementById("meter");
  const said = document.getElementById("size-said");
  const split = document.getElementById("do-split");
  Object.assign(meter, { max: quota.most + 1, high: quota.most, low: quota.near, optimum: 0 }); // green, near, over
  let waiting = 0;
  const show = () => {
    waiting = 0;
    const size = counted(editor.getText(), quota);
    const { total, over, isNear } = sizeState(quota, size);
    meter.value = Math.min(total, quota.most + 1);
    const rest = quota.others ? `${number.format(size)} here and ${number.format(quota.others)} in the others, ` : "";
    const room = over ? `${number.format(over)} too many` : `${number.format(quota.most - total)} left`;
    const text = `${rest}${number.format(total)} of ${number.format(quota.most)} characters ${quota.white_space ? "with" : "without"} white space, ${room}`;
    said.textContent = `${text}${isNear ? ": near the quota" : ""}`;
    said.title = `The quota of ${quota.about}.`;
    said.className = over ? "over" : isNear ? "near" : "";
    split.hidden = !over || editor.config.editKind !== "managed-policy" || editor.readOnly;
  };
  editor.onTextChange(() => { waiting ||= requestAnimationFrame(show); });
  show();
}
