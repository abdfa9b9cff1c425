/** The consents' part in the rights of a person: decisions are evidence and stay; where the member stood goes. */
import type { Connection } from 'mongoose';
import type { PersonalData } from '../../base/kernel/personal-data.ts';
import { type ConsentRecord, type ConsentStateRecord, consentModel, consentStateModel } from './model.ts';

/**
 * Joins the consents to the PersonalData port. A decision holds the member's opaque id only: with identifiers and keys
 * gone, nothing leads from it to a person. A merge moves nothing: what one account agreed to must never widen what the
 * other did, so the surviving account's own decisions hold, and those of the other stay readable under its id.
 * @param connection the main database
 */
export function consentsPersonalData(connection: Connection): PersonalData {
  const ledger = consentModel(connection);
  const states = consentStateModel(connection);
  return {
    room: 'consents',
    collections: ['consents', 'consentStates'],
    async export(memberId) {
      const decisions = await ledger.find({ memberId }).sort({ sequence: 1 }).lean<ConsentRecord[]>();
      const state = await states.findOne({ _id: memberId }).lean<ConsentStateRecord>();
      return { decisions, standing: state && { purposes: state.purposes, grants: state.grants } };
    },
    async erase(memberId) {
      await states.deleteOne({ _id: memberId });
    },
    async reassign() {
      return { room: 'consents', moved: [] };
    },
  };
}
