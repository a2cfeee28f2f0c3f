import { Component } from "preact";
import { closing } from "../closing_file";
import { NO_ANSWER } from "../errors";
import { shared } from "../shared";
import { CallButton } from "./call_button";

/** The ways on where the page can't help: to call, or to be called. */
export class CallOrBeCalled extends Component<object, { asked?: boolean; failed?: boolean }> {
  override render(_: object, { asked, failed }: CallOrBeCalled["state"]) {
    const LeaveNumber = closing.file?.LeaveNumber;
    const ask = () => {
      this.setState({ asked: true });
      if (closing.file) return;
      closing.fetch().then(
        () => this.setState({}),
        () => this.setState({ failed: true }),
      );
    };
    return (
      <>
        <div class="actions">
          <CallButton tradie={shared().tradie} />
          {!asked && (
            <button type="button" class="link" onClick={ask}>
              Leave your number
            </button>
          )}
        </div>
        {asked && LeaveNumber && <LeaveNumber />}
        {failed && <p role="alert">{NO_ANSWER.message}</p>}
      </>
    );
  }
}
